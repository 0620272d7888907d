# %% [markdown]
# # 6. Verdicts and the store of labels
#
# Saying *true* or *false* to a proposed label takes a second; setting a point takes five. So
# people judge first, and set points only where no proposal was right. Everything goes into a
# store that never overwrites.

# %%
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import closeup as cu

folder = Path(tempfile.mkdtemp())
COUNT, SEED = 30, 4
cu.testing.write_varied_portraits(folder / "photos", COUNT, SEED)
options = cu.EyeSetOptions(size=cu.Size(144, 108), width=2.0)
eyes = cu.build_eye_set(
    folder / "photos", folder / "eyes", options, method="contour", detector="closeup"
)
print(eyes.document["labels"], "eyes with a label by contour")

# %% [markdown]
# ## Who answers here
#
# In life a person sits before `closeup review eyes/`. In this notebook the known truth answers in
# her place, in the same *session* that the browser's page uses: a proposed pupil is true if it
# lies within 0.05 eye distances.

# %%
photos = list(cu.testing.varied_portraits(COUNT, SEED))
rows = {row.crop: row for row in eyes.store.labels()}
unit = options.size.width / options.width  # pixels of a crop that are one eye distance


def true_pupil(item):
    """The true pupil in the pixels of a crop."""
    row = rows[item.path]
    photo = photos[int(Path(row.image).stem)]
    return row.to_crop(photo.pupils[0 if row.side == "right" else 1], options.size)


def is_right(view):
    point = view.label.annotation.points["pupil"]
    return np.hypot(*np.subtract((point.x, point.y), true_pupil(view.item))) <= 0.05 * unit


# %% [markdown]
# ## A session of verdicts


# %%
def enlarged(crop, proposed, true, scale=2):
    """The middle of a crop, with a red cross at the proposal and a green one at the truth."""
    large = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    for (x, y), colour in ((proposed, (255, 0, 0)), (true, (0, 255, 0))):
        place = round(scale * (x + 0.5)), round(scale * (y + 0.5))
        cv2.drawMarker(large, place, colour, cv2.MARKER_CROSS, 12, 2)
    return large[50:-50, 60:-60]


drawn = {}
with cu.open_label_project(eyes.labels.parent, "review") as project:
    ann = project.session("Ann")
    for view in ann.views(ann.following(None, 100)):
        verdict = cu.LabelVerdict.TRUE if is_right(view) else cu.LabelVerdict.FALSE
        ann.judge([view], verdict)
        if verdict is cu.LabelVerdict.FALSE:
            point = view.label.annotation.points["pupil"]
            crop = project.pictures.read(view.item)
            drawn[view.item.path] = enlarged(crop, (point.x, point.y), true_pupil(view.item))
    counts = ann.counts()
    print(f"{counts.decided} of {counts.all} decided, {len(drawn)} false")

# %% [markdown]
# The labels that Ann called false: red is the proposal, green the truth.

# %% tags=["picture"]
Image.fromarray(cu.contact_sheet(dict(list(drawn.items())[:12]), columns=6, height=110))

# %% [markdown]
# ## Points by hand, where the proposal is false

# %%
with cu.open_label_project(eyes.labels.parent, "eye") as project:
    ben = project.session("Ben")
    wrong = [
        item
        for item in project.store.all_items()
        if any(label.annotation.verdict is cu.LabelVerdict.FALSE for label in item.labels)
    ]
    for item in wrong:
        x, y = true_pupil(item)
        own = cu.Annotation(points={"pupil": cu.KeyPoint(x, y)})
        ben.place(item, item.labels[0].object, own)
    print(len(wrong), "pupils set by hand")

# %% [markdown]
# ## What the store keeps
#
# Every answer is one more *revision*: who, when, of what origin. Proposal, verdict and correction
# of one eye:

# %%
with cu.open_label_project(eyes.labels.parent, "review") as project:
    store = project.store
    for record in store.history(wrong[0].id):
        content = record.content.get("verdict") or {
            name: [round(x, 1), round(y, 1)] for name, (x, y, _) in record.content["points"].items()
        }
        by = record.author or record.method
        print(f"revision {record.id}: {record.subject} by {by}, origin {record.origin}: {content}")

# %% [markdown]
# A verdict belongs to the revision that it judged. Ben's point is a new revision, so Ann's
# *false* no longer counts for it. Undo takes back the last action, and leaves a trace, too:

# %%
with cu.open_label_project(eyes.labels.parent, "eye") as project:
    store = project.store
    before = store.revision_count()
    undone = project.session("Ben").undo()
    (item,) = store.items([undone[0][0]])
    label = item.labels[0].annotation
    print("revisions", before, "→", store.revision_count())
    print("the label is again by", label.method, "and its verdict again:", label.verdict)
    figures = cu.label_statistics(store)
    for method in figures.methods:
        said = {str(verdict): count for verdict, count in method.verdicts.items()}
        print(
            f"{method.group.origin} {method.group.method}: {method.labels} labels, verdicts {said}"
        )

# %% [markdown]
# **Next:** [7. A small pupil network](07_network.ipynb). The same from the shell, in the browser
# and with figures:
#
#     closeup review eyes/
#     closeup label eyes/ --task eye
#     closeup labels stats eyes/
