"""Takes the pictures of ``docs/labelling.md``: a screenshot of every mode of the labeller.

The labelled pictures are parts of two public-domain portraits, turned and lit in several ways,
with the points and boxes that Closeup finds.

    python -m benchmarks.labelling_gallery
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.effects_gallery import PICTURES, parts, portraits
from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_task import LabelTask, open_task, task_of
from closeup.labelling.project import LabelProject
from closeup.labelling.shown_pictures import FolderPictures
from closeup.media.images import write_image
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_store import LabelStore
from closeup.web.labelling.app import label_app
from closeup.web.loopback import LoopbackServer

EYE = Size(360, 270)
"""Pixels of a picture of an eye."""
_WIDE = 3.4
"""Width of such a picture in widths of the eye."""
_VARIANTS = 6
_OFF = {3: (9.0, 5.0), 8: (-8.0, 6.0), 17: (2.0, -11.0)}
"""Number of an eye → pixels by which its proposed point is wrong."""

EYES = task_of(
    {
        "mode": "points",
        "points": ["right_corner", "pupil", "left_corner"],
        "skeleton": [["right_corner", "pupil"], ["pupil", "left_corner"]],
        "guidance": open_task("eye").guidance,
    }
)
CREW = task_of(
    {
        "mode": "boxes",
        "classes": ["Eileen", "Grace"],
        "targets": {"Eileen": 1500, "Grace": 1500},
        "guidance": open_task("members").guidance,
    }
)


def main() -> None:
    """Take all screenshots."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("this needs chromium; install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (pictures, task, work, options) in shots().items():
            take(browser, name, pictures(), task, work, options)
        browser.close()


Pictures = Sequence[tuple[RGBImage, Annotation, NDArray[np.uint8] | None]]
Shot = tuple[Callable[[], Pictures], str | LabelTask, Callable[[Page], None], Mapping[str, Any]]


def shots() -> dict[str, Shot]:
    """Name of a screenshot → pictures, task, what is done in the page, and the browser."""
    light: dict[str, Any] = {"color_scheme": "light"}
    phone = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "has_touch": True}
    return {
        "review": (eyes, "review", judge, {}),
        "mask": (masked, "review", nothing, {}),
        "grid": (eyes, "review", page_of_the_grid, {}),
        "points": (eyes, EYES, set_corners, {}),
        "boxes": (crew, CREW, draw_box, light),
        "keys": (eyes, "review", lambda page: page.keyboard.press("?"), light),
        "phone": (eyes, "review", nothing, phone),
    }


def take(
    browser: Browser,
    name: str,
    pictures: Pictures,
    task: str | LabelTask,
    work: Callable[[Page], None],
    options: Mapping[str, Any],
) -> None:
    """Open the labeller, do something in it, and take a screenshot."""
    usual = {"viewport": {"width": 1200, "height": 750}, "color_scheme": "dark"}
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), pictures, task) as url:
        page = browser.new_context(**{**usual, **options}).new_page()
        page.goto(url)
        page.keyboard.press("Enter")  # the proposed name
        page.wait_for_function("() => document.getElementById('stage').dataset.drawn")
        page.wait_for_load_state("networkidle")
        work(page)
        page.wait_for_function("() => document.getElementById('status').innerText === 'saved'")
        page.wait_for_function("() => !document.querySelector('#flash.on')")
        page.wait_for_load_state("networkidle")
        path = PICTURES / f"labelling_{name}.jpg"
        page.screenshot(path=path, type="jpeg", quality=84)
        page.context.close()


@contextmanager
def served(folder: Path, pictures: Pictures, task: str | LabelTask) -> Iterator[str]:
    """The address of the labeller of some pictures."""
    (folder / "masks").mkdir()
    annotated = []
    for number, (image, label, mask) in enumerate(pictures):
        path = f"{number:03}.png"
        write_image(folder / path, image)
        if mask is not None:
            cv2.imwrite(str(folder / "masks" / path), mask)
        annotated.append(AnnotatedPicture(path, size=Size.of(image), annotations=(label,)))
    database = open_database(folder / "labels.sqlite")
    store = LabelStore(database)
    import_pictures(store, annotated)
    own = LabelProject(store, open_task(task), FolderPictures(folder), folder / "masks")
    with closing(database), serving(own) as url:
        yield url


@contextmanager
def serving(project: LabelProject) -> Iterator[str]:
    """The address of the labeller of a project."""
    server = LoopbackServer()
    thread = Thread(target=server.run, args=(label_app(project, author="Ann"),))
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def nothing(_page: Page) -> None:
    """Leave the page as it is."""


def judge(page: Page) -> None:
    """Judge three pictures."""
    for number in range(3):
        page.keyboard.press("f")
        shows(page, number + 1)


def shows(page: Page, number: int) -> None:
    """Wait until a picture is drawn."""
    page.wait_for_function(
        "name => document.getElementById('stage').dataset.drawn === name", arg=f"{number:03}.png"
    )


def page_of_the_grid(page: Page) -> None:
    """Mark the wrong ones of a page."""
    page.keyboard.press("g")
    for number in _OFF:
        page.get_by_role("gridcell").nth(number).click()
    page.wait_for_function(
        """() => [...document.querySelectorAll("#grid canvas")].every(
            (canvas) => canvas.getContext("2d").getImageData(128, 128, 1, 1).data[3] === 255
        )"""
    )


def set_corners(page: Page) -> None:
    """Set both corners of the eye beside the proposed pupil."""
    box = page.locator("#stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x - 82, y - 48)
    page.keyboard.press("Tab")
    page.mouse.click(x + 158, y - 22)
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")


def draw_box(page: Page) -> None:
    """Choose the proposed box, which is one name's, and give it the other's."""
    page.keyboard.press("Tab")
    page.keyboard.press("2")


@cache
def found() -> list[tuple[RGBImage, NDArray[np.float32], NDArray[np.float32], float]]:
    """The portraits with the box and the two pupils of their face, and the width of an eye."""
    made = []
    for image in portraits():
        faces = parts().find(image)
        assert faces.eyes is not None
        pupils = faces.eyes.centres[0]
        apart = float(np.hypot(*(pupils[1] - pupils[0])))
        made.append((image, faces.boxes[0], pupils, 0.5 * apart))
    return made


def eyes() -> Pictures:
    """Four eyes in several turns and lights, each with a proposed pupil; a few are wrong."""
    rng = np.random.default_rng(4)
    pictures = []
    for number in range(4 * _VARIANTS):
        image, _, pupils, width = found()[number % 2]
        scale = EYE.width / (_WIDE * width) * rng.uniform(0.9, 1.15)
        middle = pupils[number // 2 % 2]
        centre = (float(middle[0]), float(middle[1]))
        matrix = cv2.getRotationMatrix2D(centre, rng.uniform(-14, 14), scale)
        target = np.array([EYE.width / 2, EYE.height / 2]) + rng.uniform(-25, 25, 2)
        matrix[:, 2] += target - middle
        turned = cv2.warpAffine(
            image, matrix, EYE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        lit = np.clip(turned * rng.uniform(0.65, 1.2), 0, 255).astype(np.uint8)
        x, y = target + _OFF.get(number, (0.0, 0.0))
        label = Annotation(
            points={"pupil": KeyPoint(float(x), float(y))}, key="eye", origin=Origin.MODEL,
            method="closeup-pupils", version="1", score=float(rng.uniform(0.6, 0.99)),
        )  # fmt: skip
        pictures.append((lit, label, None))
    return pictures


def masked() -> Pictures:
    """A portrait with a mask of three classes."""
    image, box, pupils, width = found()[1]
    mask = np.zeros(image.shape[:2], np.uint8)
    x1, y1, x2, y2 = map(float, box)
    middle, half = ((x1 + x2) / 2, (y1 + y2) / 2), ((x2 - x1) / 2, (y2 - y1) / 2)
    cv2.ellipse(mask, (middle, (2 * half[0], 2 * half[1]), 0), 1, -1)
    for value, (x, y) in enumerate(pupils, 2):
        cv2.circle(mask, (round(float(x)), round(float(y))), round(0.35 * width), value, -1)
    label = Annotation("face", mask="000.png", key="face", origin=Origin.MODEL, method="masks")
    return [(image, label, mask)]


def crew() -> Pictures:
    """Both portraits side by side, with a proposed box."""
    left, right = (image for image, *_ in found())
    height = min(left.shape[0], right.shape[0])
    x1, y1, x2, y2 = map(float, found()[1][1])
    box = (x1 + left.shape[1], y1, x2 + left.shape[1], y2)
    label = Annotation("Eileen", box, key="a", origin=Origin.MODEL, method="closeup-faces")
    return [(np.asarray(np.hstack([left[:height], right[:height]]), np.uint8), label, None)]


if __name__ == "__main__":
    main()
