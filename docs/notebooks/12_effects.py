# %% [markdown]
# # 12. Effects: startled and glaring eyes
#
# Whoever knows the pupils can draw on them. An effect is a function of a picture and its faces;
# it returns another picture.

# %%
import cv2
import numpy as np
from PIL import Image

import closeup as cu

detector, pupils = cu.open_detector("closeup"), cu.open_pupil_finder()
landmarker = cu.open_landmarker()
eileen = cu.testing.eileen_collins().image[:300, 75:375]
grace = cu.testing.grace_hopper().image[60:400, 90:430]


def described(image):
    """The faces of a picture with points and pupils, as effects need them."""
    faces = detector.detect(image)
    points = landmarker.find(image, faces)
    return faces.with_columns(
        points=points, scheme=landmarker.scheme, eyes=pupils.find(image, faces)
    )


print(", ".join(cu.effect_names()))

# %% [markdown]
# ## Eyes that pop out
#
# `startled` draws cartoon eyes over the real ones, as high as the amount says. In videos they
# appear when somebody opens the eyes wide; `trigger="always"` draws them on a photo.

# %% tags=["picture"]
shown = {"before": eileen}
for amount in (0.6, 1.0, 1.4):
    effect = cu.open_effect("startled", cu.EffectOptions(amount=amount, trigger="always"))
    shown[f"startled {amount}"] = effect(eileen, described(eileen))
Image.fromarray(cu.contact_sheet(shown, columns=4, height=210))

# %% [markdown]
# ## A glare
#
# `glare` draws nothing: it moves the person's own iris within the lids, and lowers the lids a
# little. Pixels outside of the lids stay as they are.

# %%
large = cv2.resize(eileen[40:160, 90:210], None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
faces = described(large)
window = (slice(180, 380), slice(110, 480))

shown = {"before": large[window]}
for direction in ("left", "right", "up"):
    options = cu.EffectOptions(direction=direction, amount=0.8)
    shown[f"glare, {direction}"] = cu.open_effect("glare", options)(large, faces)[window]
Image.fromarray(cu.contact_sheet(shown, columns=2, height=170))

# %% [markdown]
# How far did the iris move? The pupil finder looks again.

# %%
apart = np.linalg.norm(np.diff(faces.eyes.centres[0], axis=0))
for direction in ("left", "right"):
    options = cu.EffectOptions(direction=direction, amount=0.8)
    after = pupils.find(cu.open_effect("glare", options)(large, faces), faces)
    moved = (after.centres[0] - faces.eyes.centres[0]).mean(axis=0) / apart
    print(f"{direction:5}: both pupils moved by {moved[0]:+.3f}, {moved[1]:+.3f} eye distances")

# %% [markdown]
# ## Several at once, and one of your own
#
# Names separated by commas are applied one after another; those that move pixels come first. Any
# function with the same two arguments is an effect.


# %%
def only_eyes_in_colour(image, faces):
    """Everything is grey but a circle around each pupil."""
    grey = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    mask = np.zeros(image.shape[:2], np.uint8)
    for right, left in faces.eyes.centres:
        radius = round(0.22 * float(np.linalg.norm(left - right)))
        for x, y in (right, left):
            cv2.circle(mask, (round(float(x)), round(float(y))), radius, 255, -1)
    share = cv2.GaussianBlur(mask, (0, 0), 4)[..., None] / 255
    return (share * image + (1 - share) * grey).astype(np.uint8)


always = cu.EffectOptions(trigger="always")
faces = described(grace)
shown = {
    "bigger-eyes, sparkle": cu.open_effect("bigger-eyes,sparkle", always)(grace, faces),
    "googly": cu.open_effect("googly", always)(grace, faces),
    "laser": cu.open_effect("laser", always)(grace, faces),
    "a function of our own": only_eyes_in_colour(grace, faces),
}
Image.fromarray(cu.contact_sheet(shown, columns=4, height=210))

# %% [markdown]
# ## Steady in a video
#
# In a video the pupils tremble by fractions of a pixel, and a drawing would tremble with them.
# `cu.apply_effect` follows each face, smooths its shape while it is still, and follows without
# delay when it moves ([figures](../effects.md)).
#
# This is the last notebook. From the shell:
#
#     closeup effect stage.mp4 startled --out startled.mp4
#     closeup camera startled
