"""The evaluation as a whole on a few pairs of LFW."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, InputError, ModelError, OutputError
from closeup.evaluation.distances import Distance
from closeup.evaluation.lfw_pairs import read_pairs
from closeup.evaluation.lfw_report import PAIR_COLUMNS
from closeup.evaluation.sensitivity import Study
from closeup.pipeline.evaluation.lfw import LfwOptions, evaluate_lfw
from closeup.progress import Silent
from closeup.settings import Settings
from tests.few_pairs import write_few_pairs
from tests.kept_models import kept
from tests.pipeline.running import Listener

FAMOUS = ("Colin_Powell", "Serena_Williams", "Gerhard_Schroeder")


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small LFW: ``pairs.txt``, and ``images`` with the people in it and three famous ones."""
    folder = tmp_path_factory.mktemp("lfw")
    lfw = shared_data / "lfw"
    pairs = read_pairs(write_few_pairs(lfw, folder / "pairs.txt"))
    (folder / "images").mkdir()
    for name in {*(photo.split("/")[0] for photo in pairs.photos), *FAMOUS}:
        (folder / "images" / name).symlink_to(lfw / "images" / name)
    return folder


@pytest.fixture
def plain(folder: Path, settings: Settings) -> dict[str, Any]:
    return run(folder, settings)


def run(
    folder: Path,
    settings: Settings,
    out: Path | None = None,
    *,
    detector: str = "auto",
    embedder: str = "dlib-128",
    **options: Any,
) -> dict[str, Any]:
    return evaluate_lfw(
        folder,
        folder / "pairs.txt",
        LfwOptions(**options),
        detector=detector,
        embedder=embedder,
        models=kept(settings),
        progress=Silent(),
        out=out,
    )


def test_some_folds(folder: Path, settings: Settings, plain: dict[str, Any]) -> None:
    some = run(folder, settings, folds=(1, 3))
    assert some["folds"] == 2
    assert some["pairs"] == 16
    assert some["fold_accuracies"][0] == pytest.approx(plain["fold_accuracies"][0], abs=0.26)
    with pytest.raises(InputError, match="no fold 4"):
        run(folder, settings, folds=(4,))


def test_the_figures(plain: dict[str, Any]) -> None:
    assert plain["accuracy"] > 0.9
    assert 0 <= plain["standard_error"] < 0.1
    assert 0.5 < plain["val_at_far_1e-3"] <= 1
    low, high = plain["val_interval"]
    assert 0 <= low <= high <= 1
    assert plain["auc"] > 0.95
    assert plain["eer"] < 0.1
    assert 0.2 < plain["threshold"] < 0.7
    assert len(plain["fold_accuracies"]) == plain["folds"] == 3
    assert np.mean(plain["fold_accuracies"]) == pytest.approx(plain["accuracy"])
    assert (plain["pairs"], plain["missed_faces"], plain["missed"]) == (24, 0, [])
    assert plain["mirrored"] is True
    assert plain["unmirrored"]["accuracy"] > 0.8
    assert (plain["distance"], plain["detector"], plain["embedder"]) == (
        "unit", "yunet-n", "dlib-128",
    )  # fmt: skip
    assert plain["seconds"] > 0
    assert plain["studies"] == {}
    assert json.loads(json.dumps(plain)) == plain


def test_other_choices_are_told(folder: Path, settings: Settings, plain: dict[str, Any]) -> None:
    other = run(folder, settings, mirrored=False, distance=Distance.RAW, detector="hog")
    assert (other["mirrored"], other["unmirrored"]) == (False, None)
    assert (other["distance"], other["detector"]) == ("raw", "hog")
    assert other["threshold"] > plain["threshold"]
    assert other["pairs"] == plain["pairs"]


def test_a_sample(folder: Path, settings: Settings) -> None:
    found = run(folder, settings, sample=2)
    assert (found["pairs"], found["folds"], found["sample"]) == (12, 3, 2)
    assert found["photos"] <= 24


def test_all_files_and_the_studies(folder: Path, settings: Settings, tmp_path: Path) -> None:
    progress, out = Listener(), tmp_path / "new" / "out"
    options = LfwOptions(studies=(Study.JPEG, Study.PHOTOS))
    result = evaluate_lfw(
        folder, folder / "pairs.txt", options, models=kept(settings), progress=progress, out=out
    )
    assert {path.name for path in out.iterdir()} == {
        "lfw.json", "pairs.csv", "report.html", "roc.png", "worst.jpg",
        "study_jpeg.csv", "study_jpeg.png", "study_photos.csv", "study_photos.png",
    }  # fmt: skip
    assert progress.stages[0] == "embedding photos"
    assert progress.stages[1:] == [
        *(f"JPEG {quality}" for quality in (90, 70, 50, 30, 10)), "embedding enrolment photos",
    ]  # fmt: skip
    assert json.loads((out / "lfw.json").read_text()) == result
    assert list(result["studies"]) == ["jpeg", "photos"]
    assert [row["photos"] for row in result["studies"]["photos"]] == [1, 2, 3, 5, 8]
    check_pairs(out / "pairs.csv", result)
    for name in ("roc.png", "worst.jpg", "study_jpeg.png", "study_photos.png"):
        with Image.open(out / name) as image:
            assert min(image.size) > 300
    page = (out / "report.html").read_text()
    for shown in ("roc.png", "worst.jpg", "study_jpeg.png", f"{result['accuracy']:.2%}"[:5]):
        assert shown in page
    with (out / "study_jpeg.csv").open() as file:
        assert [row["quality"] for row in csv.DictReader(file)] == ["90", "70", "50", "30", "10"]


def check_pairs(path: Path, result: dict[str, Any]) -> None:
    """Every pair is in the table, and its decisions are those of the figures."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PAIR_COLUMNS
    assert [row["fold"] for row in rows] == [str(fold) for fold in (1, 2, 3) for _ in range(8)]
    right = [row["accepted"] == row["same"] for row in rows]
    assert np.mean(right) == pytest.approx(result["accuracy"])
    for row in rows:
        below = float(row["distance"]) < float(row["threshold"])
        assert below == (row["accepted"] == "1")


def test_a_photo_without_a_face_keeps_its_pairs(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    pairs = read_pairs(folder / "pairs.txt")
    for photo in pairs.photos:
        (tmp_path / photo).parent.mkdir(exist_ok=True)
        (tmp_path / photo).symlink_to(folder / "images" / photo)
    hidden = tmp_path / pairs.photos[3]
    hidden.unlink()
    Image.new("RGB", (250, 250), (80, 80, 80)).save(hidden)
    (tmp_path / "pairs.txt").write_text((folder / "pairs.txt").read_text())
    found = run(tmp_path, settings, out=tmp_path / "out")
    assert found["missed_faces"] == 1
    assert found["missed"] == [pairs.photos[3]]
    assert found["pairs"] == 24
    assert pairs.photos[3] in (tmp_path / "out" / "report.html").read_text()


def test_bad_input_is_told_before_the_work(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    for place, options, error, reason in (
        (tmp_path, {}, InputError, r"pairs\.txt: no such file"),
        (folder, {"detector": "nothing"}, ModelError, "no face detector"),
        (folder, {"embedder": "nothing"}, ModelError, "nothing"),
    ):
        with pytest.raises(error, match=reason):
            run(place, settings, out=tmp_path / "out", **options)
    (tmp_path / "pairs.txt").write_text((folder / "pairs.txt").read_text())
    with pytest.raises(InputError, match="no such photo, but line 2"):
        run(tmp_path, settings, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(folder: Path, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OutputError, match="out"):
        run(folder, settings, out=tmp_path / "out")


def test_a_damaged_photo(folder: Path, settings: Settings, tmp_path: Path) -> None:
    pairs = read_pairs(folder / "pairs.txt")
    for photo in pairs.photos:
        (tmp_path / photo).parent.mkdir(exist_ok=True)
        (tmp_path / photo).write_bytes(b"rubbish")
    (tmp_path / "pairs.txt").write_text((folder / "pairs.txt").read_text())
    with pytest.raises(ImageError, match="is not a picture"):
        run(tmp_path, settings, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
