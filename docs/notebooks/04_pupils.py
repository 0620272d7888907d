# %% [markdown]
# # 4. Pupils by classic methods, step by step
#
# The pupil is the darkest, roundest thing in the crop of an eye. Four methods make use of that,
# none of them needs training, and each one shows how it looks.

# %%
import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

detector = cu.open_detector("closeup")
names = ("contour", "darkest", "projection", "mean-shift", "network")
finders = {name: cu.open_pupil_finder(name) for name in names}

portraits = {"Eileen": cu.testing.eileen_collins(), "Grace": cu.testing.grace_hopper()}
faces = {who: detector.detect(photo.image)[:1] for who, photo in portraits.items()}


def steps_of(name, who):
    """The pictures in which a method shows its steps, for the right eye of a portrait."""
    steps = finders[name].show(portraits[who].image, faces[who])[0]
    shown = {f"{number} {title}": step for number, (title, step) in enumerate(steps.pictures, 1)}
    return Image.fromarray(cu.contact_sheet(shown, columns=6, height=100))


# %% [markdown]
# ## The darkest point
#
# The crop is cut by the corners of the eyes, so that the eyes are level and 110 pixels apart.
# Then: brightness, without the reflections of lamps, minus the surroundings, times a prior, which
# says that pupils are rather in the middle. The maximum is the pupil.

# %%
steps_of("darkest", "Eileen")

# %% [markdown]
# ## Sums of rows and columns
#
# The darkness is added up along every row and every column; where both sums are high, there is
# the iris (Kanade 1973).

# %%
steps_of("projection", "Eileen")

# %% [markdown]
# ## Mean shift
#
# A bilateral filter smooths the skin and keeps edges. A box moves to the centre of the darkness
# inside it, again and again, until it stands still (Comaniciu and Meer 2002).

# %%
steps_of("mean-shift", "Grace")

# %% [markdown]
# ## The contour of the lids
#
# The centre of the visible part of the eye, by dlib's 68 points. It does not look at the iris at
# all, so it is wrong where somebody looks aside, always in the same way.

# %%
steps_of("contour", "Grace")

# %% [markdown]
# ## Against points set by hand
#
# For both portraits the pupils were set by hand, on the middle of the dark disc, at high
# magnification. The error of a face is that of its *worse* eye, in eye distances: the mean of
# both would flatter.

# %%
print("error of the worse eye, in eye distances")
print("method      Eileen   Grace")
for name, finder in finders.items():
    worse = []
    for who, photo in portraits.items():
        found = finder.find(photo.image, faces[who]).centres
        worse.append(cu.eye_errors(found, np.array([photo.pupils])).max())
    print(f"{name:10} {worse[0]:7.3f} {worse[1]:7.3f}")


# %% tags=["picture"]
def enlarged_eyes(photo, found, scale=5):
    """The eyes of a portrait: white crosses are set by hand, green ones were found."""
    right, left = np.array(photo.pupils)
    half = np.array([0.85, 0.35]) * (left[0] - right[0])
    x1, y1 = np.round((right + left) / 2 - half).astype(int)
    x2, y2 = np.round((right + left) / 2 + half).astype(int)
    part = photo.image[y1:y2, x1:x2]
    large = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    for points, colour in ((np.array(photo.pupils), (255, 255, 255)), (found, (0, 255, 0))):
        for point in (points - (x1, y1) + 0.5) * scale - 0.5:
            cv2.drawMarker(large, point.round().astype(int).tolist(), colour, cv2.MARKER_CROSS, 18)
    return large


shown = {}
for who, photo in portraits.items():
    for name in ("mean-shift", "contour"):
        centres = finders[name].find(photo.image, faces[who]).centres[0]
        shown[f"{who}, {name}"] = enlarged_eyes(photo, centres)
Image.fromarray(cu.contact_sheet(shown, columns=2, height=150))

# %% [markdown]
# ## Sixty photos
#
# `cu.testing.varied_portraits` turns, lights, blurs and mirrors the two portraits, and moves the
# irises; the points set by hand move with the pixels. So there is a truth for every photo.

# %%
photos = list(cu.testing.varied_portraits(60, seed=1))
found = {name: [] for name in names}
for photo in photos:
    face = detector.detect(photo.image)[:1]
    for name, finder in finders.items():
        found[name].append(finder.find(photo.image, face).centres[0])
truth = np.array([photo.pupils for photo in photos])
worse = {name: cu.eye_errors(np.array(found[name]), truth).max(axis=1) for name in names}

limits = np.linspace(0, 0.15, 100)
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
    low, high = cu.share_interval(errors, 0.05)
    share = cu.share_within(errors, 0.05)
    print(f"{name:10} {share:4.0%} within 0.05, interval {low:.0%} to {high:.0%}")

# %% [markdown]
# **What to see.** No classic method is always right, and each one fails in its own way. That
# makes them good *teachers for a start*: their labels cost nothing, and where two of them
# disagree, a person should look. These are variants of two people; [on 824 photos of other
# people](../pupil-methods.md) the classic methods reach 76 to 84 %, the network 95.5 %.
#
# **Next:** [5. A data set of eyes and its coarse labels](05_eyes.ipynb). The same from the shell:
#
#     closeup pupils photos/ --method darkest --show-steps --out pupils/
