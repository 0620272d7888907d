from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup.errors import InputError, ModelError
from closeup.opening import PUPIL_METHODS
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept
from tests.pipeline.running import Listener, files

COUNT = 12


AT_HAND = [name for name in PUPIL_METHODS if name != "mediapipe"]
"""Methods whose files come with packages."""


@pytest.fixture
def photos(shared_data: Path) -> Path:
    return shared_data / "lfw" / "images"


def evaluate(
    table: Path, photos: Path, settings: Settings, out: Path | None = None, **options: Any
) -> tuple[dict[str, Any], Listener]:
    progress = Listener()
    result = evaluate_pupils(
        table, photos, out=out, models=kept(settings), progress=progress, **options
    )
    return result, progress


def test_all_methods_on_real_photos(
    shared_data: Path, photos: Path, settings: Settings, tmp_path: Path
) -> None:
    table, out = write_few_eyes(shared_data, tmp_path / "truth.csv", COUNT), tmp_path / "out"
    result, progress = evaluate(table, photos, settings, out)
    assert progress.stages == ["finding pupils"]
    assert list(result["methods"]) == AT_HAND
    assert any(line.startswith("mediapipe is left out: the model") for line in progress.lines)
    for own in result["methods"].values():
        assert own["photos"] == COUNT
        assert own["e_0.05"] <= own["e_0.05_mean_eye"] <= own["e_0.05_best_eye"]
        assert own["e_0.05"] <= own["e_0.10"] <= own["e_0.25"]
        assert own["interval_0.05"][0] <= own["e_0.05"] <= own["interval_0.05"][1]
        assert own["e_0.25"] > 0.6
        assert sum(own["misses"].values()) == round(COUNT * (1 - own["e_0.05"]))
        assert own["ms_a_face"] > 0
    assert json.loads((out / "pupils.json").read_text()) == result
    sheets = {f"worst_{name}.jpg" for name in AT_HAND}
    assert files(out) == {"pupils.json", "errors.csv", "curves.png", "report.html", *sheets}


def test_the_table_holds_every_face_and_explains_every_miss(
    shared_data: Path, photos: Path, settings: Settings, tmp_path: Path
) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", COUNT)
    result, _ = evaluate(table, photos, settings, tmp_path / "out", methods=("contour",))
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT
    errors = [(row["right_error"] or "inf", row["left_error"] or "inf") for row in rows]
    worse = [max(map(float, pair)) for pair in errors]
    assert result["methods"]["contour"]["e_0.05"] == np.mean(np.array(worse) <= 0.05)
    page = (tmp_path / "out" / "report.html").read_text()
    for row, error in zip(rows, worse, strict=True):
        assert bool(row["cause"]) == (error > 0.05)
        assert not row["cause"] or (row["image"] in page and row["cause"] in page)


def write_photos(folder: Path, pictures: Sequence[np.ndarray[Any, Any]]) -> Path:
    rows = ["image,right_eye_x,right_eye_y,left_eye_x,left_eye_y"]
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{number}.png")
        rows.append(f"{number}.png,90,110,140,110")
    (folder / "truth.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "truth.csv"


def test_missed_faces_are_failures(settings: Settings, tmp_path: Path) -> None:
    grey = np.full((250, 250, 3), 127, np.uint8)
    table = write_photos(tmp_path, [grey, grey])
    result, _ = evaluate(table, tmp_path, settings, tmp_path / "out", methods=("darkest",))
    own = result["methods"]["darkest"]
    assert (own["missed_faces"], own["not_found"], own["e_0.25"]) == (2, 0, 0)
    assert own["misses"] == {"no face found": 2}
    assert own["ms_a_face"] is None
    assert "no face found" in (tmp_path / "out" / "report.html").read_text()


def test_truth_of_other_photos_is_doubted(photos: Path, settings: Settings, tmp_path: Path) -> None:
    with Image.open(photos / "Aaron_Eckhart" / "Aaron_Eckhart_0001.jpg") as image:
        large = np.asarray(image.convert("RGB").resize((750, 750)), np.uint8)
    table = write_photos(tmp_path, [large])
    result, progress = evaluate(table, tmp_path, settings, methods=("darkest",))
    assert result["methods"]["darkest"]["misses"] == {"only another face found": 1}
    assert "in 1 of 1 photos faces were found, but not where" in progress.lines[-1]


def test_a_calibration_moves_its_method_only(
    shared_data: Path, photos: Path, settings: Settings, tmp_path: Path
) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 4)
    file = tmp_path / "far.json"
    Calibration("darkest", np.full((2, 2), 0.2), 100).save(file)
    both = ("darkest", "projection")
    plain, _ = evaluate(table, photos, settings, methods=both)
    moved, _ = evaluate(table, photos, settings, methods=both, calibrations=(file,))
    assert moved["calibrated"] == ["darkest"]
    assert moved["methods"]["darkest"]["e_0.10_best_eye"] == 0
    shares = [run["methods"]["projection"]["e_0.05"] for run in (plain, moved)]
    assert shares[0] == shares[1]
    with pytest.raises(InputError, match="which is not measured; add --method darkest"):
        evaluate(table, photos, settings, methods=("contour",), calibrations=(file,))
    with pytest.raises(InputError, match="a second calibration of darkest"):
        evaluate(table, photos, settings, methods=both, calibrations=(file, file))


def test_commercial_work_leaves_out_what_is_not_free(
    shared_data: Path, shared_models: Path, photos: Path, tmp_path: Path
) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 2)
    settings = Settings(shared_models, tmp_path / "cache", commercial=True)
    result, progress = evaluate(table, photos, settings)
    assert list(result["methods"]) == ["darkest", "projection", "mean-shift"]
    for line, name in zip(progress.lines, ("network", "mediapipe", "contour"), strict=False):
        assert line.startswith(f"{name} is left out: ")
    with pytest.raises(ModelError, match="commercial"):
        evaluate(table, photos, settings, methods=("contour",))


def test_rows_without_eyes_are_told(
    shared_data: Path, photos: Path, settings: Settings, tmp_path: Path
) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 2)
    with table.open("a", encoding="utf-8") as file:
        file.write("Al_Gore/Al_Gore_0001.jpg" + "," * 10 + "\n")
    result, progress = evaluate(table, photos, settings, methods=("darkest",))
    assert result["unlabelled"] == 1
    assert f"1 row of {table} lacks an eye and is not measured" in progress.lines


def test_nothing_is_left_of_a_run_that_fails(
    shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    grey = np.full((100, 100, 3), 127, np.uint8)
    table = write_photos(tmp_path, [grey])
    with pytest.raises(InputError, match="has 100x100 pixels"):
        evaluate(table, tmp_path, settings, tmp_path / "out", methods=("darkest",))
    assert not (tmp_path / "out").exists()
