"""Synthetic scenes with known truth, and scores against it, for our tests and for yours.

A scene is data: performers cut out of portraits, and what they do in each shot.

    scene = demo_scene()
    write_scene(scene, Path("stage.mp4"))  # and its truth beside it
    write_members(scene, Path("members"))
    ...
    result = score(trajectories, read_truth(Path("stage.mp4")), cameras)
"""

from closeup.testing.costumes import WARDROBE, Costume, Pattern
from closeup.testing.cutout import cut_out
from closeup.testing.demo_scene import demo_scene, variants
from closeup.testing.figures import Look, figure
from closeup.testing.identity_metrics import Identity
from closeup.testing.lfw_scene import lfw_scene
from closeup.testing.motion import Act, Key, Passage
from closeup.testing.portraits import (
    Portrait,
    eileen_collins,
    face_boxes,
    grace_hopper,
    portrait,
)
from closeup.testing.rendering import render
from closeup.testing.scene import Performer, Scene, Shot
from closeup.testing.scoring import MemberScore, SceneScore, score
from closeup.testing.sprites import Sprite
from closeup.testing.truth import Truth, TruthRow, read_truth
from closeup.testing.writing import write_members, write_scene

__all__ = [
    "WARDROBE",
    "Act",
    "Costume",
    "Identity",
    "Key",
    "Look",
    "MemberScore",
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
    "cut_out",
    "demo_scene",
    "eileen_collins",
    "face_boxes",
    "figure",
    "grace_hopper",
    "lfw_scene",
    "portrait",
    "read_truth",
    "render",
    "score",
    "variants",
    "write_members",
    "write_scene",
]
