"""Measures the labeller in a browser: from a key to the next picture on the screen.

A scripted person without pauses judges proposed labels, and corrects pupils by a click each, in
headless Chromium. Pictures are drawn, 1280 × 720 with grain. The time of a picture begins with
the key's event and ends after the frame that shows the next picture was painted. Verdicts are
measured once more while a network of the usual size, with random weights, judges every label.

    python -m benchmarks.labelling [--pictures 300]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
import torch
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.recording import save, show
from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.geometry import Size
from closeup.labelling.label_task import open_task
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labelling.shown_pictures import FolderPictures
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_store import LabelStore
from closeup.training.label_quality.export import export
from closeup.training.label_quality.network import QualityCnn
from closeup.web.labelling.app import label_app
from closeup.web.loopback import LoopbackServer

SIZE = Size(1280, 720)
GOAL = 50.0
"""Milliseconds at the 95th percentile."""
JUDGED = "verdicts, judged"
TASKS = {"verdicts": "review", JUDGED: "review", "points": "pupil"}

WATCH = """
window.times = [];
let begin = null, waiting = null;
const start = event => { if (event.isTrusted && begin === null) begin = event.timeStamp; };
document.addEventListener('keydown', start, true);
document.addEventListener('closeup:drawn', () => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {  // after the frame was painted
        if (begin !== null) window.times.push(performance.now() - begin);
        begin = null;
        waiting?.();
    };
    channel.port2.postMessage(null);
}));
window.painted = count => new Promise(resolve => {
    waiting = () => { if (window.times.length >= count) resolve(); };
    waiting();
});
"""


def main() -> None:
    """Measure, print and write ``results/labelling.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    count: int = parser.parse_args().pictures
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("this needs chromium; install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = {name: measured(browser, name, count) for name in TASKS}
        browser.close()
    show("From key to next picture", [{"work": name, **row} for name, row in found.items()])
    save("labelling", {"browser": {"size": list(SIZE), "goal_ms": GOAL, **found}})


def measured(browser: Browser, name: str, count: int) -> dict[str, Any]:
    """Label pictures; return percentiles in milliseconds, and what a second of it yields."""
    with tempfile.TemporaryDirectory() as folder, project(Path(folder), name, count) as own:
        server = LoopbackServer()
        thread = Thread(target=server.run, args=(label_app(own, author="Ann"),))
        thread.start()
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(WATCH)
            page.goto(server.url)
            page.keyboard.press("Enter")  # the proposed name
            page.wait_for_function("() => document.getElementById('stage').dataset.drawn")
            page.wait_for_load_state("networkidle")
            seconds = labelled(page, name, count)
            page.wait_for_function("() => document.getElementById('status').innerText === 'saved'")
            times = page.evaluate("window.times")
            page.close()
        finally:
            server.stop()
            thread.join()
        check(own, name, count)
    return {**percentiles(times), "pictures_a_second": round(count / seconds, 1)}


def random_network(folder: Path) -> LabelQualityNetwork:
    """A good/bad network of the usual size that has learnt nothing."""
    file = folder / "quality.onnx"
    torch.manual_seed(0)
    export(QualityCnn(), "object", 2.0, file)
    return LabelQualityNetwork(file.read_bytes(), file.name)


def labelled(page: Page, name: str, count: int) -> float:
    """Label all pictures as fast as the page shows them; return the seconds."""
    box = page.locator("#stage").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2)
    begin = time.perf_counter()
    for number in range(count - 1):
        if name == "points":
            page.mouse.click(middle[0] + number % 7, middle[1])
        page.keyboard.press("Enter" if name == "points" else "fd"[number % 2])
        page.evaluate("count => window.painted(count)", number + 1)
    page.keyboard.press("Enter")
    return time.perf_counter() - begin


def check(own: LabelProject, name: str, count: int) -> None:
    """Every answer has to be in the store."""
    items = list(own.store.all_items())
    if name == "points":
        by_hand = [one for item in items for one in item.labels if one.author == "Ann"]
        assert len(by_hand) == count - 1
        assert all(item.verdict for item in items)
    else:
        assert all(one.annotation.verdict for item in items for one in item.labels)
    assert len(items) == count


def percentiles(times: Sequence[float]) -> Mapping[str, Any]:
    """The median and the 95th percentile in milliseconds, and the slowest."""
    half, most = np.percentile(times, [50, 95])
    return {
        "p50_ms": round(float(half), 1),
        "p95_ms": round(float(most), 1),
        "slowest_ms": round(max(times), 1),
        "measured": len(times),
    }


@contextmanager
def project(folder: Path, name: str, count: int) -> Iterator[LabelProject]:
    """A project of drawn eyes with a proposed pupil each."""
    rng = np.random.default_rng(0)
    pictures = [drawn(folder, number, rng) for number in range(count)]
    database = open_database(folder / "labels.sqlite")
    try:
        store = LabelStore(database)
        import_pictures(store, pictures)
        network = random_network(folder) if name == JUDGED else None
        yield LabelProject(store, open_task(TASKS[name]), FolderPictures(folder), quality=network)
    finally:
        database.close()


def drawn(folder: Path, number: int, rng: np.random.Generator) -> AnnotatedPicture:
    """Draw an eye with grain, and propose its pupil a few pixels beside it."""
    middle = (SIZE.width // 2, SIZE.height // 2)
    image = np.full((SIZE.height, SIZE.width, 3), rng.integers(60, 180, 3), np.uint8)
    cv2.ellipse(image, middle, (400, 220), 0, 0, 360, (235, 235, 240), -1, cv2.LINE_AA)
    cv2.circle(image, middle, 150, [int(value) for value in rng.integers(0, 200, 3)], -1)
    cv2.circle(image, middle, 60, (12, 10, 10), -1, cv2.LINE_AA)
    grain = rng.normal(0, 6, image.shape)
    path = f"{number:04}.jpg"
    cv2.imwrite(str(folder / path), np.clip(image + grain, 0, 255).astype(np.uint8))
    x, y = np.add(middle, rng.normal(0, 3, 2))
    label = Annotation(
        points={"pupil": KeyPoint(float(x), float(y))}, key="eye", origin=Origin.COARSE,
        method="drawn",
    )  # fmt: skip
    return AnnotatedPicture(path, size=SIZE, annotations=(label,))


if __name__ == "__main__":
    main()
