# %% [markdown]
# # 10. The loop in one command
#
# Propose, ask people, train, measure, ask again: the steps of the notebooks before, in one
# project that can be interrupted anywhere. Here an *oracle*, a table of the truth, answers in
# place of people, so that it runs unattended.
#
# The photos are variants of two portraits and the trainings take seconds: **a demonstration** of
# the flow. The same two people are learnt from and measured on; a real project never does that,
# and its loop keeps the people of the test out.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

folder = Path(tempfile.mkdtemp())
truth = cu.testing.write_varied_portraits(folder / "photos", 60, seed=20)
test = cu.testing.write_varied_portraits(folder / "test", 30, seed=21, by_person=False)

# %% [markdown]
# ## Begin, and wait for people
#
# Without an oracle the first run collects the pictures, lets the classic methods propose, fills
# the queues of the round, and says what is to be done.

# %%
setup = {
    "pictures": folder / "photos",
    "detector": "closeup",
    "test": test,
    "test_images": folder / "test",
}
budget = {"rounds": 3, "verdicts": 30, "points": 12, "networks": 1, "epochs": 4, "steps": 40}
pause = cu.run_loop(folder / "project", setup, budget)
print("waiting:", dict(pause.undecided))
for line in pause.steps:
    print(line.replace(str(folder), "."))

# %% [markdown]
# ## All rounds, with an oracle
#
# It says true to proposals within 0.05 eye distances, sets points with a standard deviation of
# 0.01, and is wrong in 2 % of its verdicts, as people are. An interrupted run goes on with the
# next step.

# %%
oracle = cu.OracleOptions(truth, noise=0.01, wrong=0.02)
done = cu.run_loop(folder / "project", oracle=oracle)
for line in done.steps:
    print(line.replace(str(folder), "."))

# %%
for number, one in enumerate(done.state.rounds, 1):
    print(f"round {number}: answered {dict(one.answered)}, learnt from {dict(one.sources)}")
    print(f"         figures { {name: round(value, 3) for name, value in one.figures.items()} }")
    print(f"         {one.advice}")

# %% tags=["picture"]
rounds = done.state.rounds
goal = [one.figures["e_0.05"] for one in rounds]
low, high = np.array([one.interval for one in rounds]).T
labels = np.cumsum([one.answered["points"] for one in rounds])
verdicts = np.cumsum([one.answered["verdicts"] for one in rounds])
figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
axis.errorbar(range(1, len(rounds) + 1), goal, (goal - low, high - goal), marker="o", capsize=4)
axis.set_xticks(
    range(1, len(rounds) + 1),
    [
        f"round {n}\n{v} verdicts\n{p} photos by hand"
        for n, (v, p) in enumerate(zip(verdicts, labels, strict=True), 1)
    ],
)
axis.set(ylabel="photos within 0.05", ylim=(0, 1.05))
plt.show()

# %% [markdown]
# Each round asks for labels where the last network is uncertain, and takes the others from the
# classic methods (*pseudo*) as long as nobody has judged them.
#
# ## What each round taught, and the worst cases now
#
# `loop.html` in the project shows the curve, and for each round what changed by it and what is
# still wrong:

# %%
project = folder / "project"
print(", ".join(sorted(path.name for path in project.iterdir())))
sheets = {
    "round 1: the worst cases": project / "rounds" / "01" / "worst.jpg",
    "round 2: what it taught": project / "rounds" / "02" / "taught.jpg",
}
Image.fromarray(
    cu.contact_sheet({title: cu.read_image(path) for title, path in sheets.items()}, 1, 190)
)

# %% [markdown]
# **What to see.** Some ninety verdicts and three dozen photos labelled by hand do what all labels
# would do; on real photos of many people it takes more ([figures](../loop.md)).
#
# **Next:** [11. A fancam](11_fancam.ipynb). The same from the shell, with people who answer:
#
#     closeup loop project --pictures photos/ --test pupils.csv --rounds 3
