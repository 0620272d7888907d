# %% [markdown]
# # 11. A fancam from a drawn stage
#
# A fancam is a close-up video of one member, made from a video of the whole stage. Here the stage
# is drawn, so that the truth is known to the pixel; `closeup demo` makes a longer one.

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
# They change places: one crosses in front of the other, and for a moment only one of them can be
# seen. A tool that follows the nearest box swaps them here.
#
# ## Made
#
# `make_fancams` finds and follows heads, compares them with the photos of `members/`, solves one
# assignment for the whole video, plans a camera for each member, and renders.

# %%
made = cu.make_fancams(
    video, folder / "members", folder / "fancams", cu.FancamOptions(), detector="closeup"
)
for member in made.report["members"]:
    least = min(confidence for _, confidence in member["confidence"])
    print(f"{member['name']}: confidence at least {least}, seconds by source {member['seconds']}")

# %% [markdown]
# Every frame has a *source*: the face was seen, or the head was tracked by optical flow and
# clothes, or its place was interpolated between two sightings; or nobody is there. Nothing is
# shown that is less certain than the risk allows.

# %% tags=["picture"]
closeups = {}
for name, path in made.videos.items():
    with cu.open_video(path) as opened:
        frames = [frame.rgb() for frame in opened]
    closeups |= {f"{name}, frame {n}": frames[n] for n in some}
Image.fromarray(cu.contact_sheet(closeups, columns=len(some), height=200))

# %% [markdown]
# ## Where everyone is, and what the camera does
#
# Lines are the found middles of the faces, shades the crop windows.

# %%
truth = testing.read_truth(video)
figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
seconds = np.arange(len(stills)) / float(scene.rate)
solution = made.solution
for axis, trajectory, path in zip(axes, solution.trajectories, solution.paths, strict=True):
    windows = path.boxes()
    axis.fill_between(seconds, windows[:, 0], windows[:, 2], alpha=0.2, label="crop window")
    middles = (trajectory.boxes[:, 0] + trajectory.boxes[:, 2]) / 2
    axis.plot(seconds[trajectory.present], middles[trajectory.present], label="face, found")
    axis.set(title=trajectory.name, xlabel="seconds")
axes[0].set_ylabel("x in the stage video, pixels")
axes[0].legend(fontsize=8)
plt.show()

# %% [markdown]
# ## Right?
#
# `testing.score` compares with the truth: frames in which somebody else is shown, and the share
# of frames in which the whole face is inside the close-up.

# %%
cameras = {t.name: p for t, p in zip(solution.trajectories, solution.paths, strict=True)}
result = testing.score(solution.trajectories, truth, cameras)
print("frames of a wrong person:", result.wrong_frames)
for member in result.members:
    print(f"{member.name}: whole face inside in {member.inside_share:.1%} of the frames")

# %% [markdown]
# **What to see.** The camera stands still or glides with an even speed: an L1-optimal path, which
# leaves no small corrections. Where Eileen is hidden behind Grace, her place is carried on, and
# nobody is swapped.
#
# **Next:** [12. Effects](12_effects.ipynb). The same from the shell:
#
#     closeup fancam stage.mp4 --members members/ --out fancams/
