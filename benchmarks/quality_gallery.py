"""Takes the picture of ``docs/labelling.md`` that shows what a good/bad network says.

The eyes are those of two public-domain portraits in many turns and lights, with labels by
``contour``; the network learns from verdicts by the known truth of some, and judges others.

    python -m benchmarks.quality_gallery
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import closeup as cu
from benchmarks.effects_gallery import PICTURES
from benchmarks.labelling_gallery import serving
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.pipeline.labelling.label_projects import ProjectOptions
from closeup.pipeline.labelling.quality_order import QualityOrder, ordered_by_quality

EYES = cu.EyeSetOptions(size=cu.Size(144, 108), width=2.0)
UNIT = EYES.size.width / EYES.width
"""Pixels of a crop that are one eye distance."""
_TOLERANCE = 0.05
_SHOWN = 3
"""Place of the shown label among the most suspicious ones."""


def main() -> None:
    """Train the network and take the screenshot."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("this needs chromium; install it")
    with tempfile.TemporaryDirectory() as folder:
        quality = trained(Path(folder))
        make_eyes(Path(folder), "shown", 24, 31)
        with served(Path(folder) / "shown", quality) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 750}, color_scheme="dark")
            page.goto(url)
            page.keyboard.press("Enter")  # the proposed name
            for _ in range(_SHOWN):
                page.wait_for_function("() => document.getElementById('stage').dataset.drawn")
                page.wait_for_load_state("networkidle")
                page.keyboard.press("n")
            page.wait_for_function("() => document.querySelector('#quality img').naturalWidth")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / "labelling_quality.jpg", type="jpeg", quality=84)
            browser.close()


def make_eyes(folder: Path, name: str, count: int, seed: int) -> dict[str, np.ndarray]:
    """Build a set of eyes with labels by ``contour``; return crop → the true pupil in it."""
    photos = folder / f"{name} photos"
    cu.testing.write_varied_portraits(photos, count, seed, by_person=False)
    made = cu.build_eye_set(
        photos, folder / name, EYES, method="contour", detector=cu.open_detector("closeup")
    )
    truth = list(cu.testing.varied_portraits(count, seed))

    def true_place(row: EyeRow) -> np.ndarray:
        pupils = truth[int(Path(row.image).stem)].pupils
        return row.to_crop(pupils[0 if row.side == "right" else 1], EYES.size)

    return {row.crop: true_place(row) for row in made.store.labels()}


def trained(folder: Path) -> Path:
    """A network from verdicts on other eyes of the portraits."""
    truth = make_eyes(folder, "judged", 60, 30)
    with cu.open_label_project(folder / "judged", "review") as project:
        session = project.session("Ann")
        for view in session.views(session.following(None, 1000)):
            assert view.label is not None
            point = view.label.annotation.points["pupil"]
            off = np.hypot(*(truth[view.item.path] - (point.x, point.y))) / UNIT
            true = cu.LabelVerdict.TRUE if off <= _TOLERANCE else cu.LabelVerdict.FALSE
            session.judge([view], true)
        training = cu.TrainingOptions(epochs=10, batch=32, averaging=0.9)
        return cu.train_quality(
            project.store, project.pictures, folder / "quality.onnx",
            cu.QualityTrainingOptions(training=training), progress=cu.Silent(),
        ).model  # fmt: skip


@contextmanager
def served(folder: Path, quality: Path) -> Iterator[str]:
    """The address of the labeller, the most suspicious labels first."""
    options = ProjectOptions(quality=quality)
    with (
        cu.open_label_project(folder, "review", options) as project,
        serving(ordered_by_quality(project, QualityOrder.WRONG)) as url,
    ):
        yield url


if __name__ == "__main__":
    main()
