# %% [markdown]
# # 3. Embeddings and identity: who is it?
#
# A network turns an aligned face into a vector. Vectors of one person are near to each other,
# whatever the light; those of two people are far apart. All else is comparing distances, and
# knowing what a distance means.

# %%
import tempfile
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

detector, embedder = cu.open_detector("closeup"), cu.open_embedder()
photos = sorted(cu.testing.varied_portraits(12, seed=5), key=lambda photo: photo.person)
described = [cu.describe(photo.image, detector.detect(photo.image), embedder) for photo in photos]
Image.fromarray(
    cu.contact_sheet({f"{n} {p.person}": p.image for n, p in enumerate(photos)}, 6, 130)
)

# %% [markdown]
# `cu.describe` cuts each face as the embedder wants it, embeds it together with its mirror image,
# and gives it a *weight*: how much a face says of its owner, by its size, sharpness and pose.

# %%
vectors = np.concatenate([faces.embeddings for faces in described])
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
print("shape of all vectors:", vectors.shape)
print("weights:", *(f"{faces.weights[0]:.2f}" for faces in described))

# %% [markdown]
# ## The matrix of distances

# %% tags=["picture"]
distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
figure, axis = plt.subplots(figsize=(4.6, 3.8), layout="constrained")
shown = axis.imshow(distances, cmap="viridis_r")
axis.set_xticks(range(12))
axis.set_yticks(range(12), [f"{n} {photo.person}" for n, photo in enumerate(photos)])
figure.colorbar(shown, label="Euclidean distance of unit vectors")
axis.set_title("one person, one block")
plt.show()

# %%
people = np.array([photo.person for photo in photos])
same = people[:, None] == people[None]
pairs = np.triu(np.ones_like(same), 1).astype(bool)
print(f"one person:  {distances[same & pairs].min():.2f} to {distances[same & pairs].max():.2f}")
print(f"two people:  {distances[~same].min():.2f} to {distances[~same].max():.2f}")

# %% [markdown]
# **What to see.** Two blocks, and a gap between the two ranges: any limit in the gap separates
# these photos. But they are variants of *one* portrait each, so the blocks are far tighter than
# those of real photos of a person over years. That is why limits are never chosen by hand here: a
# calibration, made from thousands of pairs of other people, turns a distance into odds.
#
# ## What blur does

# %%
sharp = photos[0]
steps = (0, 1, 2, 3, 4, 6, 8)
to_own, to_other, weights = [], [], []
for sigma in steps:
    image = cv2.GaussianBlur(sharp.image, (0, 0), sigma) if sigma else sharp.image
    face = cu.describe(image, detector.detect(sharp.image)[:1], embedder)
    vector = face.embeddings[0] / np.linalg.norm(face.embeddings[0])
    away = np.linalg.norm(vectors - vector, axis=1)
    to_own.append(np.median(away[people == sharp.person]))
    to_other.append(np.median(away[people != sharp.person]))
    weights.append(face.weights[0])

figure, axis = plt.subplots(figsize=(5.5, 3), layout="constrained")
axis.plot(steps, to_own, "o-", label="median distance to the same person")
axis.plot(steps, to_other, "s-", label="to the other person")
axis.plot(steps, weights, "^:", label="weight of the face")
axis.set_xlabel("blur, standard deviation in pixels (the eyes are 50 pixels apart)")
axis.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Blur moves a face away from its owner, and in the end it is no nearer to her
# than to somebody else. The weight falls with it, so that in a video the sharp faces of a person
# count more than the blurred ones.
#
# ## A gallery
#
# The members of a group are enrolled from photos. `identify` compares, decides about all faces of
# a picture together (nobody is there twice), and may say *nobody*. Here only Eileen Collins is
# enrolled, so Grace Hopper is a stranger.

# %%
own = vectors[people == "Eileen"][:3]
gallery = cu.Gallery.of(embedder.calibration, {"Eileen": own})
groups = [np.hstack([photos[a].image, photos[b].image]) for a, b in ((4, 9), (11, 5))]

drawn = {}
for number, image in enumerate(groups):
    faces = cu.describe(image, detector.detect(image), embedder)
    faces = gallery.identify(faces)
    says = [
        f"{name or 'nobody'}: {result.best.confidence:.3f}"
        for name, result in zip(faces.names, faces.identities, strict=True)
    ]
    drawn[f"picture {number}"] = cu.mark_faces(image, faces, says)
Image.fromarray(cu.contact_sheet(drawn, columns=2, height=200))

# %% [markdown]
# ## Two photos
#
# `cu.verify_photos` answers the simplest question, with the false-accept rate of its answer: the
# share of pairs of different people that are at least as near.

# %%
with tempfile.TemporaryDirectory() as folder:
    cu.testing.write_varied_portraits(folder, 4, seed=9)
    eileen, grace = (sorted(Path(folder, name).iterdir()) for name in ("Eileen", "Grace"))
    for first, second in ((eileen[0], eileen[1]), (grace[0], grace[1]), (eileen[0], grace[0])):
        verdict = cu.verify_photos(first, second, detector=detector, embedder=embedder).verdict
        print(
            f"{first.parent.name} and {second.parent.name}: distance {verdict.distance:.2f}, "
            f"limit {verdict.threshold:.2f}, {'one person' if verdict.same else 'two people'}, "
            f"false-accept rate {verdict.false_accept_rate:.1e}"
        )

# %% [markdown]
# **Next:** [4. Pupils by classic methods](04_pupils.ipynb). The same from the shell:
#
#     closeup identify photos/ --members members/ --out named/
#     closeup verify one.jpg other.jpg
