"""Synthetic scenes with known truth, and scores against it, for Closeup's tests and users' own.

A scene is data: performers cut out of portraits, and their acts in each shot.

    scene = demo_scene()
    write_scene(scene, "stage.mp4")  # and its truth beside it
    write_members(scene, "members")
    ...
    result = score(trajectories, read_truth("stage.mp4"), cameras)
"""

from closeup.synthesis.costumes import WARDROBE, Costume, Pattern
from closeup.synthesis.cutout import cut_out
from closeup.synthesis.demo_scene import demo_scene, variants
from closeup.synthesis.figures import Look, figure
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.motion import Act, Key, Passage
from closeup.synthesis.portraits import (
    Portrait,
    eileen_collins,
    face_boxes,
    grace_hopper,
    portrait,
)
from closeup.synthesis.rendering import render
from closeup.synthesis.scene import Performer, Scene, Shot
from closeup.synthesis.sprites import Sprite
from closeup.synthesis.truth import Truth, TruthRow, read_truth
from closeup.synthesis.varied_portraits import (
    VariedPortrait,
    varied_portraits,
    write_varied_portraits,
)
from closeup.synthesis.writing import write_members, write_scene
from closeup.testing.identity_metrics import Identity
from closeup.testing.labelled_frames import (
    JudgedPosition,
    LabelledFrames,
    LabelScore,
    Outcome,
    read_labelled_frames,
)
from closeup.testing.scoring import MemberScore, SceneScore, score

__all__ = [
    "WARDROBE",
    "Act",
    "Costume",
    "Identity",
    "JudgedPosition",
    "Key",
    "LabelScore",
    "LabelledFrames",
    "Look",
    "MemberScore",
    "Outcome",
    "Passage",
    "Pattern",
    "Performer",
    "Portrait",
    "Scene",
    "SceneScore",
    "Shot",
    "Sprite",
    "Truth",
    "TruthRow",
    "VariedPortrait",
    "cut_out",
    "demo_scene",
    "eileen_collins",
    "face_boxes",
    "figure",
    "grace_hopper",
    "lfw_scene",
    "portrait",
    "read_labelled_frames",
    "read_truth",
    "render",
    "score",
    "variants",
    "varied_portraits",
    "write_members",
    "write_scene",
    "write_varied_portraits",
]
