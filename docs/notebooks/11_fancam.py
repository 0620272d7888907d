# %% [markdown]
# # 11. A fancam from a drawn stage
#
# A fancam is a close-up video of one member, made from a video of the whole stage. Here the stage is drawn, so that the
# truth is known to the pixel; `closeup demo` makes a longer one.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

testing = cu.testing
folder = Path(tempfile.mkdtemp())
people = {"Eileen": testing.eileen_collins(), "Grace": testing.grace_hopper()}
paths = {
    "Eileen": (testing.Key(0, 0.2, 0.36, 0.2), testing.Key(4, 0.8, 0.36, 0.2)),
    "Grace": (testing.Key(0, 0.8, 0.4, 0.24), testing.Key(4, 0.2, 0.4, 0.24)),
}
scene = testing.Scene(
    performers=tuple(
        testing.Performer(
            name, (photo,), testing.WARDROBE[number], enrolment=testing.variants(photo)
        )
        for number, (name, photo) in enumerate(people.items())
    ),
    shots=(testing.Shot(4.0, tuple(testing.Act(name, keys) for name, keys in paths.items())),),
    size=cu.Size(640, 360),
    rate=cu.parse_time("12"),
)
video = folder / "stage.mp4"
testing.write_scene(scene, video)
testing.write_members(scene, folder / "members")

with cu.open_video(video) as opened:
    stills = [frame.rgb() for frame in opened]
print(len(stills), "frames of", scene.size)
some = range(0, len(stills), 8)
Image.fromarray(cu.contact_sheet({f"frame {n}": stills[n] for n in some}, columns=3, height=150))

# %% [markdown]
# They change places: one crosses in front of the other, and for a moment only one of them can be seen. A tool that follows the
# nearest box swaps them here.
#
# ## Made
#
# `make_fancams` finds and follows heads, compares them with the photos of `members/`, solves one assignment for the whole video, plans
# a camera for each member, and renders.

# %%
made = cu.make_fancams(
    video, folder / "members", folder / "fancams", cu.FancamOptions(), detector="closeup"
)
for member in made.report["members"]:
    print(member["name"], "shown for", member["seconds"], "s of", member["seconds_present"] if "seconds_present" in member else 4)

# %%
closeups = {}
for name, path in made.videos.items():
    with cu.open_video(path) as opened:
        frames = [frame.rgb() for frame in opened]
    closeups |= {f"{name}, {n}": frames[n] for n in some}
Image.fromarray(cu.contact_sheet(closeups, columns=6, height=190))
