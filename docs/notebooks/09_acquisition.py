# %% [markdown]
# # 9. Which label next? Active learning on a toy pool
#
# A label costs a person's time. *Acquisition functions* choose the samples from which a model
# would learn most. Here is a pool that fits on one picture, so that one can see what each of them
# picks, and compare it with picking at random.

# %%
import matplotlib.pyplot as plt
import numpy as np

import closeup as cu

# %% [markdown]
# ## The pool
#
# 600 samples with two features each: most of them in two dense clusters, as photos of the same
# concert are, the rest spread out. The number to be learnt varies quickly on the right. The
# models are an ensemble of five ridge regressions on random Fourier features, each one trained on
# a bootstrap sample of the labels.

# %%
rng = np.random.default_rng(0)
dense = np.concatenate(
    [rng.normal((-1.2, -0.6), 0.25, (250, 2)), rng.normal((-0.4, 0.8), 0.3, (200, 2))]
)
pool = np.concatenate([dense, rng.uniform((-2, -2), (2, 2), (150, 2))])
rare = np.arange(len(pool)) >= len(dense)
truth = np.sin(2.5 * pool[:, 0].clip(0)) + 0.3 * pool[:, 1]
frequencies = rng.normal(0, 1.2, (2, 60))
phases = rng.uniform(0, 2 * np.pi, 60)
waves = np.cos(pool @ frequencies + phases)


def predictions_of(labelled, rng, models=5):
    """(m, n, 1) predictions of an ensemble that learnt from some labels."""
    made = []
    for _ in range(models):
        rows = rng.choice(labelled, len(labelled))
        known = waves[rows]
        weights = np.linalg.solve(known.T @ known + 0.05 * np.eye(60), known.T @ truth[rows])
        made.append(waves @ weights)
    return np.array(made)[..., None]


def candidates_of(rest, labelled, predictions):
    """What an acquisition function is told: measures of the samples without a label."""
    return cu.LabelCandidates(
        pictures=rest,
        predictions=predictions[:, rest],
        features=pool[rest],
        labelled=pool[labelled],
    )


# %% [markdown]
# ## What each function picks
#
# Ten labels are there (black). Each function chooses thirty more.

# %% tags=["picture"]
names = ("random", "spread", "core-set", "typicality", "covariance", "mixed")
labelled = np.random.default_rng(3).choice(len(pool), 10, replace=False)
rest = np.setdiff1d(np.arange(len(pool)), labelled)
predictions = predictions_of(labelled, np.random.default_rng(1))
candidates = candidates_of(rest, labelled, predictions)

figure, axes = plt.subplots(2, 3, figsize=(9, 5.4), sharex=True, sharey=True, layout="constrained")
reasons = {}
for axis, name in zip(axes.flat, names, strict=True):
    selection = cu.acquisition_of(name)(candidates, 30, np.random.default_rng(2))
    reasons[name] = selection.reasons[0]
    axis.scatter(*pool.T, c=truth, s=6, cmap="coolwarm", alpha=0.5)
    axis.scatter(*pool[rest[selection.rows]].T, s=26, facecolors="none", edgecolors="green")
    axis.scatter(*pool[labelled].T, s=16, color="black")
    axis.set_title(name)
plt.show()

# %% [markdown]
# A selection carries a reason for each sample, which the person reads beside the picture:

# %%
for name, reason in reasons.items():
    print(f"{name:11} {reason}")

# %% [markdown]
# **What to see.** `random` follows the density: dozens of nearly equal samples. `spread`, the
# disagreement of the ensemble, goes to the edges, all to the same ones. `core-set` covers the
# plane evenly, outliers included. `typicality` takes one sample from each dense region.
# `covariance` picks a batch whose members tell different things, and `mixed` is the default of
# `closeup next`: typical ones first, uncertain ones later, and a random share.
#
# ## Learning curves
#
# Everything must be compared with random choice at equal budgets, over many seeds: with three
# runs, the same method is significantly better or worse by chance. Here twelve paired seeds begin
# with the same ten labels each. Two figures are measured: the share of the *whole pool* with an
# error below 0.1, and the share of the *rare* samples alone, those outside the clusters.

# %%
SEEDS, STEP, ROUNDS = 12, 10, 8


def curve(name, seed):
    """(rounds, 3) shares of samples that are right, of rare ones, and of those that stayed."""
    rng = np.random.default_rng(seed)
    labelled = rng.choice(len(pool), 10, replace=False)
    figures, before = [], np.full(len(pool), np.inf)
    for _ in range(ROUNDS):
        made = predictions_of(labelled, rng)
        mean = made.mean(axis=0)[:, 0]
        right = np.abs(mean - truth) < 0.1
        figures.append((right.mean(), right[rare].mean(), np.mean(np.abs(mean - before) < 0.1)))
        rest = np.setdiff1d(np.arange(len(pool)), labelled)
        selection = cu.acquisition_of(name)(candidates_of(rest, labelled, made), STEP, rng)
        labelled, before = np.concatenate([labelled, rest[selection.rows]]), mean
    return figures


curves = {name: np.array([curve(name, seed) for seed in range(SEEDS)]) for name in names}
counts = 10 + STEP * np.arange(ROUNDS)
figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharex=True, layout="constrained")
titles = ("whole pool", "rare samples")
for kind, (axis, title) in enumerate(zip(axes, titles, strict=True)):
    for name, values in curves.items():
        style = {"color": "black", "linewidth": 2.5} if name == "random" else {}
        axis.plot(counts, 100 * values[..., kind].mean(axis=0), label=name, **style)
    axis.set(title=title, xlabel="labels", ylabel="error below 0.1, %")
axes[0].legend(fontsize=8)
plt.show()

# %%
rng = np.random.default_rng(0)
print(
    "gain over random: mean difference of the curves in points, 95 % interval of the paired seeds"
)
for name in names[1:]:
    said = []
    for kind, title in enumerate(titles):
        gains = 100 * (curves[name] - curves["random"])[..., kind].mean(axis=1)
        draws = rng.choice(gains, (2000, SEEDS)).mean(axis=1)
        low, high = np.quantile(draws, (0.025, 0.975))
        said.append(f"{title} {gains.mean():+5.1f} ({low:+.1f} to {high:+.1f})")
    print(f"{name:11} {', '.join(said)}")

# %% [markdown]
# **What to see.** `spread` and `covariance` spend everything on the edges and *unlearn* the dense
# clusters, which are most of the pool: they lose to random by far. On the rare samples the
# picture turns: there, all functions but `spread` beat random, and `typicality` and `mixed` pay
# for it with nothing. So say first what should get better, then choose. Nothing here says that
# one function is best; on another pool the order is another one.
#
# ## When to stop
#
# A stopping rule looks at the curve (what would the next labels bring?) and at the predictions
# (how many stayed the same since the last round?). Both must say stop.

# %%
rule = cu.StoppingRule()
shares = curves["mixed"].mean(axis=0)
for last in (3, 5, 8):
    rounds = [
        cu.LabelRound(int(count), share, len(pool), stayed if number else None)
        for number, (count, (share, _, stayed)) in enumerate(
            zip(counts[:last], shares[:last].tolist(), strict=True)
        )
    ]
    print(f"{counts[last - 1]} labels: {rule.advise(rounds, STEP).sentence}")

# %% [markdown]
# [What to label next](../active-learning.md) describes the functions and the rule.
#
# **Next:** [10. The loop in one command](10_loop.ipynb). The same from the shell:
#
#     closeup next eyes/ --model model.onnx --budget 200
