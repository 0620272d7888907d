# %% [markdown]
# # 8. Good or bad? A classifier of labels, and where it looks
#
# People have called labels true and false. A small network learns to do the same: it sees the
# crop of an eye, and the proposed point as a fourth channel, and says how likely the label is
# wrong. Its *class activation map* shows which part of the crop speaks for that.

# %%
import tempfile
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

folder = Path(tempfile.mkdtemp())
detector = cu.open_detector("closeup")
options = cu.EyeSetOptions(size=cu.Size(144, 108), width=2.0)
UNIT = options.size.width / options.width  # pixels of a crop that are one eye distance


def make_eyes(name, count, seed):
    """Build a set of eyes with labels by `contour`; return crop → person and true pupil."""
    cu.testing.write_varied_portraits(folder / f"{name} photos", count, seed, by_person=False)
    eyes = cu.build_eye_set(
        folder / f"{name} photos", folder / name, options, method="contour", detector=detector
    )
    photos = list(cu.testing.varied_portraits(count, seed))
    truth = {}
    for row in eyes.store.labels():
        photo = photos[int(Path(row.image).stem)]
        pupil = photo.pupils[0 if row.side == "right" else 1]
        truth[row.crop] = photo.person, row.to_crop(pupil, options.size)
    return truth


truth = {
    name: make_eyes(name, count, seed) for name, count, seed in (("eyes", 50, 30), ("test", 40, 31))
}


def is_wrong(label, true):
    point = label.points["pupil"]
    return bool(np.hypot(*(true - (point.x, point.y))) > 0.05 * UNIT)


# %% [markdown]
# ## Verdicts
#
# The truth answers in place of a person, as in [notebook 6](06_verdicts.ipynb): true within 0.05
# eye distances. Verdicts are on the labels of `contour`, of which about half are false. The
# network is measured on other photos.

# %%
with cu.open_label_project(folder / "eyes", "review") as project:
    session = project.session("Ann")
    for view in session.views(session.following(None, 1000)):
        _, true = truth["eyes"][view.item.path]
        wrong = is_wrong(view.label.annotation, true)
        session.judge([view], cu.LabelVerdict.FALSE if wrong else cu.LabelVerdict.TRUE)
    counts = session.counts()
    print(f"{counts.decided} of {counts.all} judged")

    training = cu.TrainingOptions(epochs=8, batch=32, averaging=0.9)
    model = cu.train_quality(
        project.store,
        project.pictures,
        folder / "quality.onnx",
        cu.QualityTrainingOptions(training=training),
        progress=cu.Silent(),
    )
print(model.document["labels"], model.document["methods"])

# %% [markdown]
# ## How good is it?
#
# The area under the curve (AUC) is the probability that a wrong label gets a higher value than a
# right one. The alternative that costs nothing is the method's own confidence.

# %%
network = cu.LabelQualityNetwork(model.model.read_bytes(), model.model.name, options.width)
tests = []  # person, true pupil, crop, label
with cu.open_label_project(folder / "test", "review") as project:
    session = project.session("Ann")
    for view in session.views(session.following(None, 1000)):
        crop, label = project.pictures.read(view.item), view.label.annotation
        tests.append((*truth["test"][view.item.path], crop, label))
crops = np.array([cu.label_crop(crop, label, network.cropper) for *_, crop, label in tests])
wrong = np.array([is_wrong(label, true) for _, true, _, label in tests])
quality = network.assess(crops)
scores = np.array([label.score for *_, label in tests])
print(f"{len(tests)} labels of other photos, {wrong.sum()} wrong")
print(f"AUC of the network {cu.area_under_curve(quality.bad, ~wrong):.3f}")
print(f"AUC of the method's own confidence {cu.area_under_curve(-scores, ~wrong):.3f}")

# %% [markdown]
# ## Where it looks
#
# A network with global average pooling gives a map for free: what each part of the crop adds to
# the logit (Zhou et al. 2016). Red speaks for *wrong*, blue for *right*; the cross is the label.


# %% tags=["picture"]
def with_label(crop, scale=4):
    """The crop with a cross at the label."""
    large = cv2.resize(crop[..., :3], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    y, x = np.unravel_index(crop[..., 3].argmax(), crop.shape[:2])
    place = (round((x + 0.5) * scale), round((y + 0.5) * scale))
    return cv2.drawMarker(large, place, (0, 255, 0), cv2.MARKER_CROSS, 24, 2)


def with_map(crop, values):
    """The grey crop with its map over it, in shades of its own largest value."""
    grey = np.repeat(with_label(crop).mean(axis=2, keepdims=True), 3, axis=2)
    large = cv2.resize(values, grey.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    strength = large / np.abs(large).max()
    tint = np.where(strength > 0, (255, 0, 0), (0, 60, 255))
    share = 0.8 * np.abs(strength)
    return ((1 - share) * grey + share * tint).round().astype(np.uint8)


order = np.argsort(-quality.bad)
chosen = [*order[:15:3], *order[-5:]]
shown = {}
for begin in (0, 5):
    some = chosen[begin : begin + 5]
    for n in some:
        shown[f"{n}, {'wrong' if wrong[n] else 'right'}"] = with_label(crops[n])
    for n in some:
        shown[f"{n}, P(bad) {quality.bad[n]:.2f}"] = with_map(crops[n], quality.maps[n])
Image.fromarray(cu.contact_sheet(shown, columns=5, height=100))

# %% [markdown]
# ## Move the label
#
# One eye of each person, and the label moved over it: P(bad) as a function of where the label is.
# The cross is the true pupil, the circle what Ann calls right.

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for axis, person in zip(axes, ("Eileen", "Grace"), strict=True):
    true, crop = next((true, crop) for who, true, crop, _ in tests if who == person)
    across, down = (true[k] + UNIT * np.linspace(-0.16, 0.16, 21) for k in (0, 1))
    moved = [
        cu.label_crop(crop, cu.Annotation(points={"pupil": cu.KeyPoint(x, y)}), network.cropper)
        for y in down
        for x in across
    ]
    values = network.assess(np.array(moved)).bad.reshape(21, 21)
    axis.imshow(crop)
    edges = (across[0], across[-1], down[-1], down[0])
    drawn = axis.imshow(values, extent=edges, cmap="coolwarm", alpha=0.5, vmin=0, vmax=1)
    axis.plot(*true, "w+", markersize=10)
    axis.add_patch(plt.Circle(true, 0.05 * UNIT, fill=False, color="white"))
    axis.set(title=person, xlim=(true[0] - 30, true[0] + 30), ylim=(true[1] + 20, true[1] - 20))
    axis.axis("off")
figure.colorbar(drawn, ax=axes, label="P(bad)")
plt.show()

# %% [markdown]
# ## Are the maps true?
#
# A map that looks right proves nothing. ROAD (Rong et al. 2022) removes the pixels that the map
# calls most important, fills them in so that no edge is left, and watches the output; then the
# least important ones. The gap between the two must be larger than that of random maps.


# %%
def logit(given):
    bad = network.assess(given).bad.clip(1e-6, 1 - 1e-6)
    return np.log(bad / (1 - bad))


some = order[:8]  # the most suspicious ones
rng = np.random.default_rng(0)
maps = {
    "the network's maps": quality.maps[some],
    "random maps": rng.normal(size=quality.maps[some].shape),
}
for name, own in maps.items():
    gaps = cu.road(logit, crops[some], own, rng, (0.1, 0.2, 0.3)).gaps
    error = gaps.std(ddof=1) / np.sqrt(len(gaps))
    print(f"{name}: gap of the logit {gaps.mean():+.2f}, standard error {error:.2f}")

# %% [markdown]
# **What to see.** The classifier finds wrong labels of this method better than the method's own
# confidence. The map of a wrong label lights up where the pupil *is*, and that of a right one
# around the label. But look where P(bad) is low: a little below the true pupil. The network has
# seen labels of `contour` only, whose right ones lie low, too; so what it calls good is *a good
# label of contour*. Verdicts on several methods, and points by hand, cure that. Two people and
# one method are a demonstration; [good or bad labels](../label-quality.md) has figures.
#
# **Next:** [9. Which label next?](09_acquisition.ipynb). The same from the shell:
#
#     closeup train quality eyes/ --out quality.onnx
