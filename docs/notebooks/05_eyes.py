# %% [markdown]
# # 5. A data set of eyes and its coarse labels
#
# A network learns from crops with labels. Nobody has labelled anything yet, so a classic method
# labels for a start. Such labels are *coarse*: before anything is learnt from them, look at them.

# %%
import tempfile
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

folder = Path(tempfile.mkdtemp())
COUNT, SEED = 80, 2
cu.testing.write_varied_portraits(folder / "photos", COUNT, SEED)
detector = cu.open_detector("closeup")
options = cu.EyeSetOptions(size=cu.Size(96, 72), width=1.6)
eyes = cu.build_eye_set(
    folder / "photos", folder / "eyes", options, method="darkest", detector=detector
)
print("files:", ", ".join(sorted(path.name for path in eyes.labels.parent.iterdir())))
print(
    eyes.document["pictures"],
    "photos,",
    eyes.document["labels"],
    "crops; left out:",
    eyes.document["left_out"],
)

# %% [markdown]
# ## Crops and labels
#
# Left eyes are mirrored, so that the nose is always on the right and a network has one kind of
# eye to learn. A label is stored in shares of the crop's sides, and in pixels of the photo, with
# the similarity between the two.

# %% tags=["picture"]
rows = eyes.store.labels()
crops = eyes.store.crops(rows)
labels = np.array([(row.x, row.y) for row in rows])


def with_cross(crop, label, colour=(0, 255, 0)):
    large = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    place = (label * large.shape[1::-1] - 0.5).round().astype(int).tolist()
    return cv2.drawMarker(large, place, colour, cv2.MARKER_CROSS, 14)


chosen = np.random.default_rng(0).choice(len(rows), 24, replace=False)
shown = {f"{n} {rows[n].side}": with_cross(crops[n], labels[n]) for n in sorted(chosen)}
Image.fromarray(cu.contact_sheet(shown, columns=8, height=84))

# %% [markdown]
# ## The mean eye
#
# If frames and mirroring are right, the mean of all crops is an eye, and the labels are a cloud
# on its iris.

# %%
height, width = crops.shape[1:3]
figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for axis, side in zip(axes, ("right", "left"), strict=True):
    own = np.array([row.side == side for row in rows])
    axis.imshow(crops[own].mean(axis=0).astype(np.uint8))
    axis.scatter(*(labels[own] * (width, height) - 0.5).T, s=5, color="lime", alpha=0.6)
    axis.set_title(f"{own.sum()} {side} eyes{', mirrored' if side == 'left' else ''}")
    axis.axis("off")
plt.show()

# %% [markdown]
# ## How coarse?
#
# These photos were made from two portraits, so the truth is known. Errors as vectors: right on
# the left, down below, in eye distances.

# %%
truth = {
    f"{photo.person}/{number:03}.png": photo.pupils
    for number, photo in enumerate(cu.testing.varied_portraits(COUNT, SEED))
}


def errors_of(eye_set):
    """(n, 2) label minus truth, in eye distances of the crop."""
    found = []
    for row in eye_set.store.labels():
        pupil = truth[row.image][0 if row.side == "right" else 1]
        x, y = row.to_crop(pupil, options.size)
        found.append((row.x * width - 0.5 - x, row.y * height - 0.5 - y))
    return np.array(found) * options.width / width


errors = {"darkest": errors_of(eyes)}
for method in ("contour", "mean-shift"):
    other = cu.build_eye_set(
        folder / "photos", folder / method, options, method=method, detector=detector
    )
    errors[method] = errors_of(other)

figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharex=True, sharey=True, layout="constrained")
for axis, (method, away) in zip(axes, errors.items(), strict=True):
    axis.scatter(*away.T, s=6, alpha=0.5)
    axis.plot(*away.mean(axis=0), "r+", markersize=14, markeredgewidth=2)
    axis.add_patch(plt.Circle((0, 0), 0.05, fill=False, color="grey"))
    axis.set(title=method, xlim=(-0.15, 0.15), ylim=(0.15, -0.15), aspect="equal")
plt.show()

# %%
for method, away in errors.items():
    offset, length = np.median(away, axis=0), np.linalg.norm(away, axis=1)
    rest = np.linalg.norm(away - offset, axis=1)
    print(
        f"{method:10} {len(away)} labels, within 0.05: {np.mean(length <= 0.05):.0%}, "
        f"median offset {offset[0]:+.3f}, {offset[1]:+.3f}, without it {np.mean(rest <= 0.05):.0%}"
    )

# %% [markdown]
# **What to see.** The grey circle has a radius of 0.05, the red cross is the mean. `darkest` and
# `mean-shift` scatter a little and sit on the truth: *random* errors, which a network averages
# out. `contour` lies too low, and its errors stretch sideways, as it cannot follow the gaze:
# *systematic* errors, which a network would learn faithfully. Taking off one constant offset
# already helps.
#
# ## Labels that only a mistake can have made
#
# A wrong normalisation ruins a training without a sound. The builder compares labels with pixels,
# since a pupil is darker than its surroundings, and stops with the likely cause:

# %%
sides = np.array([row.side == "left" for row in rows])
broken = {
    "as they are": labels,
    "divided twice": labels / (width, height),
    "x and y exchanged": labels[:, ::-1],
    "of other crops": labels[np.random.default_rng(1).permutation(len(labels))],
}
for name, given in broken.items():
    try:
        cu.check_eye_labels(given, sides, crops, width=options.width)
        print(f"{name}: no fault found")
    except cu.CloseupError as error:
        print(f"{name}: {error}")

# %% [markdown]
# Few labels hide a fault: that labels belong to *other* crops shows from 200 labels a side on,
# and here are 79.
#
# **Next:** [6. Verdicts and the store of labels](06_verdicts.ipynb). The same from the shell:
#
#     closeup dataset eyes photos/ --out eyes/ --size 144x108 --width 2.0
