"""Redraws ``docs/images/report.png``: the report of the demo scene, as Chromium shows it.

A twin of one member, who is not enrolled, dances in step: who is who cannot be known, which makes
doubtful moments.

    python -m benchmarks.report_picture
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.recording import ROOT
from closeup.errors import InputError
from closeup.fancam.options import FancamOptions
from closeup.geometry import Size
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.testing import demo_scene, write_members, write_scene
from closeup.testing.mirrors import TwinKind, with_twin

PICTURE = ROOT / "docs" / "images" / "report.png"

_WINDOW = Size(960, 1290)
"""Width of the page, and how much of it is shown."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> None:
    """Make the report and its picture."""
    with tempfile.TemporaryDirectory() as folder:
        photograph(report(Path(folder)), PICTURE)
    with Image.open(PICTURE) as picture:
        reduced = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    reduced.save(PICTURE, optimize=True)


def report(folder: Path) -> Path:
    """Make the fancams of the scene without videos, and return the page."""
    scene = with_twin(demo_scene(), TwinKind.IN_STEP)
    write_scene(scene, folder / "stage.mp4")
    write_members(scene, folder / "members")
    options = FancamOptions(video=False)
    return make_fancams(folder / "stage.mp4", folder / "members", folder / "out", options).page


def photograph(page: Path, picture: Path) -> None:
    """Save the top of a page as PNG.

    Raises:
        InputError: no browser is installed, or it fails.

    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise InputError(f"no browser of {', '.join(_BROWSERS)}; install chromium")
    size = f"--window-size={_WINDOW.width},{_WINDOW.height}"
    plain = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    command = [browser, *plain, size, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
