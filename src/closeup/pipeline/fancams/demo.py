"""Makes fancams of a synthetic scene, which needs no download, camera or permission."""

from __future__ import annotations

from pathlib import Path

from closeup.fancam.options import FancamOptions
from closeup.files.atomic import claiming
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import Fancams, make_fancams
from closeup.progress import Progress, Silent
from closeup.synthesis.demo_scene import demo_scene
from closeup.testing import Scene, write_members, write_scene


def run_demo(
    out: Path | str,
    *,
    scene: Scene | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Fancams:
    """Draw a scene with its ground truth, and make a close-up video of every performer.

    Args:
        out: Folder for ``stage.mp4``, its truth, ``members/`` and ``fancams/``.
        scene: The scene; None for :func:`closeup.synthesis.demo_scene.demo_scene`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    """
    out = Path(out)
    scene, progress = scene or demo_scene(), progress or Silent()
    stage = out / "stage.mp4"
    members, fancams = out / "members", out / "fancams"
    options = FancamOptions(grid=True, preview=True)
    with claiming(out):
        if not stage.exists():
            progress.begin("drawing the stage", scene.frame_count)
            write_scene(scene, stage, on_frame=progress.advance)
        write_members(scene, members)
        return make_fancams(stage, members, fancams, options, models=models, progress=progress)
