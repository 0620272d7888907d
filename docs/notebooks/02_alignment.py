# %% [markdown]
# # 2. Landmarks, alignment, crop
#
# A detector says where a face is. Landmarks say how it lies, and alignment turns every face into
# the same pose, so that a network never has to learn what a rotation does.

# %%
import cv2
import numpy as np
from PIL import Image

import closeup as cu

detector = cu.open_detector("closeup")
image = cu.testing.grace_hopper().image
faces = detector.detect(image)

# %% [markdown]
# ## Three sets of points
#
# Five points of the detector itself (middles of the eyes, nose, corners of the mouth), dlib's
# five (corners of the eyes, base of the nose) and dlib's 68. The last ones were learnt from
# photos whose licence forbids commercial use, so nothing uses them unless you ask for it.

# %% tags=["picture"]
x1, y1, x2, y2 = 130, 60, 400, 380
drawn = {"the detector's own five": cu.mark_faces(image, faces, [""])}
for name in ("dlib-5-points", "dlib-68-points"):
    landmarker = cu.open_landmarker(name)
    points = landmarker.find(image, faces)
    found = faces.with_columns(points=points, scheme=landmarker.scheme)
    drawn[f"{name}: {points.shape[1]}"] = cu.mark_faces(image, found, [""])
parts = {title: picture[y1:y2, x1:x2] for title, picture in drawn.items()}
Image.fromarray(cu.contact_sheet(parts, columns=3, height=300))

# %% [markdown]
# ## Four ways to cut a face out
#
# `CROP` takes the box with a margin. The others compute a *similarity*, a rotation with one scale
# and a shift, that brings the points as near as possible to fixed places (least squares, Umeyama
# 1991), and warp the picture by it. Each network was trained with one template, and wants the
# same again.

# %%
landmarker = cu.open_landmarker("dlib-5-points")
ways = {
    "crop": cu.CutOptions(template=cu.Template.CROP),
    "eyes256": cu.CutOptions(template=cu.Template.EYES256),
    "dlib150": cu.CutOptions(template=cu.Template.DLIB150),
    "arcface112": cu.CutOptions(template=cu.Template.ARCFACE112, points=cu.PointScheme.DLIB_5),
    "arcface112, own points": cu.CutOptions(template=cu.Template.ARCFACE112),
}
cutters = {name: cu.FaceCutter(options, landmarker) for name, options in ways.items()}


def turned(image, degrees):
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


shown = {}
for degrees in (0, 25):
    picture = turned(image, degrees)
    found = detector.detect(picture)
    for name, cutter in cutters.items():
        shown[f"{name}, {degrees}°"] = cutter.cut(picture, found)[0].pixels
Image.fromarray(cu.contact_sheet(shown, columns=5, height=170))

# %% [markdown]
# **What to see.** The lower row is the same photo, turned by 25°. The crop turns with it; the
# aligned cuts do not, but one: the detector's own points are rough, and on a tilted head they lie
# as if it were upright. An alignment is as good as its points, which is why dlib's are found
# again inside the box.
#
# ## What alignment buys
#
# The mean of many cuts is sharp where all of them agree. Twelve photos that differ in size, place
# and rotation, cut by the box, by rough points and by good ones:

# %%
photos = list(cu.testing.varied_portraits(24))
eileens = [photo for photo in photos if photo.person == "Eileen"]


def mean_of(name):
    cuts = []
    for photo in eileens:
        cut = cutters[name].cut(photo.image, detector.detect(photo.image))[0]
        cuts.append(cv2.resize(cut.pixels, (150, 150)).astype(float))
    return np.mean(cuts, axis=0).round().astype(np.uint8), np.std(cuts, axis=0).mean()


means = {}
for name in ("crop", "arcface112, own points", "arcface112"):
    means[name], spread = mean_of(name)
    print(f"{name:22} standard deviation of a pixel: {spread:.1f} grey levels")
Image.fromarray(cu.contact_sheet(means, columns=3, height=220))

# %% [markdown]
# ## There and back
#
# A cut remembers its similarity. What is found in the cut is brought back to the photo by the
# inverse, without loss: this is how pupils that were found in the crop of an eye get their place
# in the photo.

# %%
cut = cutters["eyes256"].cut(image, faces)[0]
pupils = np.array(cu.testing.grace_hopper().pupils)
inside = cut.similarity.apply(pupils)
back = cut.similarity.inverse().apply(inside)
print("pupils in the photo, by hand", pupils.tolist())
print("in the cut                  ", inside.round(1).tolist())
print("back again, largest error   ", f"{abs(back - pupils).max():.0e} pixels")
print(f"scale {cut.similarity.scale:.2f}")

# %% [markdown]
# **Next:** [3. Embeddings and identity](03_identity.ipynb). The same from the shell:
#
#     closeup align photos/ --template arcface112 --out chips/
