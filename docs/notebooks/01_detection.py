# %% [markdown]
# # 1. Detection: where are the faces?
#
# Four classic detectors and a newer one search the same picture. Each was a milestone: Haar
# cascades (2001), HOG with a linear classifier (2005), SSD (2016) and a convolutional network
# with max-margin training (MMOD, 2015).
#
# All pictures of these notebooks are made from two public-domain portraits: Eileen Collins by
# NASA and Grace Hopper by the US Navy. Run `closeup models fetch ssd` once before this notebook;
# the other detectors come with the package.

# %%
import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

# %% [markdown]
# ## A picture to search
#
# One scene with six faces: two of normal size, a small one, a tiny one, a tilted one, and one
# that lies on its side.

# %%
eileen = cu.testing.eileen_collins().image[:300, 75:375]
grace = cu.testing.grace_hopper().image[60:400, 90:430]


def turned(image, degrees, middle=None):
    """Rotate a picture, by default about its middle; the corners repeat the border."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(middle or (width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def resized(image, side):
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


scene = np.full((480, 900, 3), 120, np.uint8)
for picture, x, y in (
    (resized(eileen, 280), 10, 10),
    (resized(grace, 280), 310, 10),
    (resized(turned(eileen, 30), 280), 610, 10),
    (resized(turned(grace, 90), 170), 20, 300),
    (resized(eileen, 110), 330, 330),
    (resized(grace, 60), 560, 360),
):
    scene[y : y + len(picture), x : x + len(picture)] = picture
Image.fromarray(scene)

# %% [markdown]
# ## Five detectors, one interface
#
# `cu.open_detector` opens a detector by its name. `detect` returns `Faces`, a table with a row a
# face: boxes in pixels, and scores. Scores of different detectors cannot be compared: Haar's is a
# sum of votes, HOG's a distance from a hyperplane, SSD's a probability.

# %%
names = ("haar", "hog", "ssd", "mmod", "closeup")
detectors = {name: cu.open_detector(name) for name in names}

found = {name: detector.detect(scene) for name, detector in detectors.items()}
for name, faces in found.items():
    print(f"{name:8} {len(faces)} faces, scores", *(f"{score:.2f}" for score in faces.scores))

# %% tags=["picture"]
drawn = {f"{name}: {len(found[name])}": cu.mark_faces(scene, found[name]) for name in names}
Image.fromarray(cu.contact_sheet(drawn, columns=2, height=250))

# %% [markdown]
# **What to see.** Nobody finds the head that lies on its side. Haar misses the tilted one, too,
# and takes folds of the space suit for a face; so does SSD, with a score of 0.8. HOG and MMOD
# find the three large faces only: they were trained on faces of about 80 pixels and need smaller
# ones enlarged first. The boxes mean different things: compare their upper edges.
#
# ## The same face in five boxes
#
# A box is a convention: mid-forehead to chin, hairline to chin, with ears or without. What was
# trained on one detector's boxes gets worse with another's, unless the face is aligned by its
# points (see the next notebook).

# %%
crops = {}
for name in names:
    faces = detectors[name].detect(grace)
    x1, y1, x2, y2 = faces.boxes[0].astype(int)
    crops[f"{name} {x2 - x1}×{y2 - y1}"] = grace[max(y1, 0) : y2, max(x1, 0) : x2]
Image.fromarray(cu.contact_sheet(crops, columns=5, height=170))

# %% [markdown]
# ## How small, how tilted?
#
# One portrait at decreasing sizes, and turned step by step. A detector passes if it finds a face
# whose middle is near the true one.

# %%
face = cu.testing.eileen_collins().face  # its box in the portrait
middle = np.array(face.centre) - (75, 0)  # in the part that is used here


def finds(detector, image, place, height):
    """Whether a face is found whose middle is near the true one."""
    boxes = detector.detect(image).boxes
    away = np.linalg.norm((boxes[:, :2] + boxes[:, 2:]) / 2 - place, axis=1)
    return bool((away < 0.3 * height).any())


def finds_at_height(detector, height):
    side = round(300 * height / face.height)
    canvas = np.full((420, 420, 3), 120, np.uint8)
    canvas[20 : 20 + side, 20 : 20 + side] = resized(eileen, side)
    return finds(detector, canvas, 20 + middle * side / 300, height)


def finds_at_angle(detector, degrees):
    picture = turned(eileen, degrees, tuple(middle.tolist()))
    return finds(detector, picture, middle, face.height)


heights = (16, 24, 32, 48, 64, 96, 128)  # pixels
angles = tuple(range(0, 181, 20))
opened = detectors.values()
by_height = np.array([[finds_at_height(one, height) for height in heights] for one in opened])
by_angle = np.array([[finds_at_angle(one, angle) for angle in angles] for one in opened])

figure, axes = plt.subplots(1, 2, figsize=(9, 2.4), layout="constrained")
for axis, table, values, title in (
    (axes[0], by_height, heights, "height of the face, pixels"),
    (axes[1], by_angle, angles, "rotation of the head, degrees"),
):
    axis.imshow(table, cmap="Blues", vmin=-0.1, vmax=1.4, aspect="auto")
    axis.set_xticks(range(len(values)), values)
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel(title)
figure.suptitle("dark: found")
plt.show()

# %% [markdown]
# **What to see.** Features that are tied to the upright face fail from 40° on; networks learnt
# more. That SSD and Closeup's own detector find this head at all angles, and not Grace Hopper's
# at 90° above, shows how little one face says: [the models' pages](../models/README.md) have
# figures on many photos.
#
# **Next:** [2. Landmarks, alignment, crop](02_alignment.ipynb). The same from the shell:
#
#     closeup faces photos/ --detector ssd --out faces/
