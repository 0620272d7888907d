# %% [markdown]
# # 7. A small pupil network, trained in a minute
#
# The same network as the shipped one, on eyes that were varied from two portraits. **It is a
# demonstration:** two people are in the training, and the same two in the test. What it shows is
# the way, and how coarse labels, labels by hand and time change the result; it says nothing about
# other people.

# %%
import csv
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import closeup as cu

folder = Path(tempfile.mkdtemp())
detector = cu.open_detector("closeup")
wide = cu.EyeSetOptions(size=cu.Size(144, 108), width=2.0)

# %% [markdown]
# ## Two data sets of the same photos
#
# One with coarse labels by `contour`, one with labels by hand, which `import_dataset` reads from
# a table. The crops are 2 eye distances wide, and the network sees 1.2: the margin lets the
# augmentation shift, turn and shrink real pixels.

# %%
table = cu.testing.write_varied_portraits(folder / "photos", 80, seed=10, by_person=False)
cu.import_dataset("csv", table, folder / "labels")
sources = {"by hand": (folder / "labels", "darkest"), "contour": (folder / "photos", "contour")}
for name, (source, method) in sources.items():
    made = cu.build_eye_set(source, folder / name, wide, method=method, detector=detector)
    print(f"{name}: {made.document['labels']} eyes")

# %% [markdown]
# ## Training
#
# `train_pupils` checks the labels, lets the network overfit 16 eyes (one that cannot do that will
# learn nothing), trains, and writes one ONNX file. A fifth is held out, by person: by the folder
# of a photo. Ours lie in no folder, so each photo counts as a person of its own, and the held-out
# ones show the same two people.


# %%
class Notes(cu.Silent):
    """Prints what a job says, without its epochs."""

    def say(self, message):
        if not message.startswith("epoch"):
            print("-", message)


options = cu.PupilTrainingOptions(
    training=cu.TrainingOptions(epochs=14, batch=16, averaging=0.9), held_out=0.2
)
models = {}
for name in sources:
    print(name)
    models[name] = cu.train_pupils(
        [folder / name], folder / f"{name}.onnx", options, progress=Notes()
    )

# %% [markdown]
# ## Curves
#
# The error on held-out eyes against *their own* labels. The network reproduces the labels of its
# teacher, coarse or not; this curve alone would never tell that a teacher is wrong.

# %%
figure, axis = plt.subplots(figsize=(5.5, 3), layout="constrained")
for name, model in models.items():
    with (model.folder / "history.csv").open() as file:
        history = list(csv.DictReader(file))
    axis.plot([float(row["held_out_mean_error"]) for row in history], "o-", label=f"labels {name}")
axis.set_xlabel("epoch")
axis.set_ylabel("mean error, eye distances")
axis.set_yscale("log")
axis.legend()
plt.show()

# %% [markdown]
# ## Against the truth
#
# Sixty new photos of the same two people. Beside the networks: the teacher of the one.

# %%
tests = list(cu.testing.varied_portraits(60, seed=11))
finders = {
    f"network, labels {name}": cu.open_pupil_finder(str(m.model)) for name, m in models.items()
}
finders["contour itself"] = cu.open_pupil_finder("contour")
found = {name: [] for name in finders}
for photo in tests:
    face = detector.detect(photo.image)[:1]
    for name, finder in finders.items():
        found[name].append(finder.find(photo.image, face).centres[0])
truth = np.array([photo.pupils for photo in tests])
worse = {name: cu.eye_errors(np.array(own), truth).max(axis=1) for name, own in found.items()}

# %% tags=["picture"]
limits = np.linspace(0, 0.12, 100)
figure, axis = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name, errors in worse.items():
    axis.plot(limits, [100 * cu.share_within(errors, limit) for limit in limits], label=name)
axis.axvline(0.05, color="grey", linewidth=0.8)
axis.set_xlabel("error of the worse eye, eye distances")
axis.set_ylabel("share of the photos, %")
axis.legend(fontsize=8)
plt.show()

# %%
for name, errors in worse.items():
    near, nearer = (cu.share_within(errors, limit) for limit in (0.05, 0.025))
    print(f"{name:24} {near:4.0%} within 0.05, {nearer:4.0%} within 0.025")

# %% [markdown]
# **What to see.** Half a minute of training on 140 eyes is enough to follow two people nearly
# perfectly, *if the labels are right*. The network that learnt from `contour` is as wrong as its
# teacher: it averages out what is random and learns what is systematic, and `contour` lies too
# low on everybody. So coarse labels are for a start, and a few labels by hand are worth more than
# many coarse ones. On other people this network would fail: the shipped one learnt from 3,361
# photos ([how](../training-pupils.md)).
#
# **Next:** [8. Good or bad?](08_quality.ipynb). The same from the shell:
#
#     closeup dataset import csv pupils.csv --out labels/
#     closeup dataset eyes labels/ --out eyes/ --size 144x108 --width 2.0
#     closeup train pupils eyes/ --out model.onnx
