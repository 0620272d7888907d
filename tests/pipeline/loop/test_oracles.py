"""Answers from a table of the truth, mapped into the crops of a data set."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.annotations import Annotation, KeyPoint, LabelVerdict
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.errors import InputError
from closeup.pipeline.loop.loop_options import OracleOptions
from closeup.pipeline.loop.oracles import PupilOracle, sometimes_wrong
from closeup.store.label_records import StoredItem, StoredLabel
from tests.pipeline.drawn_set import drawn_set

EYES = 24


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> EyeStore:
    return drawn_eyes(tmp_path_factory.getbasetemp())


@cache
def drawn_eyes(folder: Path) -> EyeStore:
    return EyeStore.opened(drawn_set(folder / "eyes_of_oracles" / "eyes", EYES))


@pytest.fixture(scope="module")
def truth(eyes: EyeStore) -> Path:
    return table_of(eyes)


@cache
def table_of(eyes: EyeStore) -> Path:
    """The labels of the drawn eyes, as places in their photos."""
    lines = ["image,right_eye_x,right_eye_y,left_eye_x,left_eye_y"]
    pictures: dict[str, dict[str, str]] = {}
    for row in eyes.labels():
        x, y = row.x * eyes.size.width - 0.5, row.y * eyes.size.height - 0.5
        if row.side == "left":
            x = eyes.size.width - 1 - x
        pictures.setdefault(row.image, {})[row.side] = f"{x:.6f},{y:.6f}"
    lines += [f"{image},{own['right']},{own['left']}" for image, own in pictures.items()]
    path = eyes.folder.parent / "truth.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def item(crop: str) -> StoredItem:
    return StoredItem(1, crop, None, None, 0)


def proposed(x: float, y: float, key: str = "darkest") -> StoredLabel:
    return StoredLabel(key, 1, Annotation(points={"pupil": KeyPoint(x, y)}), "", 0.0)


def test_points_are_the_truth_in_the_crop_also_of_mirrored_eyes(
    eyes: EyeStore, truth: Path
) -> None:
    oracle = PupilOracle(eyes, OracleOptions(truth))
    assert len(oracle) == EYES
    for row in eyes.labels():
        (label,) = oracle.labels(item(row.crop)).values()
        point = label.points["pupil"]
        expected = (row.x * eyes.size.width - 0.5, row.y * eyes.size.height - 0.5)
        assert (point.x, point.y) == pytest.approx(expected, abs=1e-5)


@given(angle=st.floats(0, 6.3), off=st.floats(0, 0.2))
def test_verdicts_follow_the_tolerance(
    tmp_path_factory: pytest.TempPathFactory, angle: float, off: float
) -> None:
    eyes = drawn_eyes(tmp_path_factory.getbasetemp())
    oracle = PupilOracle(eyes, OracleOptions(table_of(eyes), tolerance=0.05))
    row = eyes.labels()[3]
    x, y = oracle.place(row.crop)
    unit = eyes.size.width / eyes.width
    label = proposed(x + off * unit * np.cos(angle), y + off * unit * np.sin(angle))
    verdict = oracle.verdict(item(row.crop), label)
    assert abs(off - 0.05) < 1e-6 or verdict == (
        LabelVerdict.TRUE if off < 0.05 else LabelVerdict.FALSE
    )


def test_what_it_does_not_know_is_unsure(eyes: EyeStore, truth: Path) -> None:
    oracle = PupilOracle(eyes, OracleOptions(truth))
    assert oracle.verdict(item("00000/99999"), proposed(3, 3)) is LabelVerdict.UNSURE
    assert oracle.labels(item("00000/99999")) == {}
    crop = eyes.labels()[0].crop
    boxed = replace(proposed(3, 3), annotation=Annotation(box=(1, 1, 2, 2)))
    assert oracle.verdict(item(crop), boxed) is LabelVerdict.UNSURE


def test_noise_is_as_large_as_said_and_the_same_again(eyes: EyeStore, truth: Path) -> None:
    exact = PupilOracle(eyes, OracleOptions(truth))
    noisy, again = (PupilOracle(eyes, OracleOptions(truth, noise=0.02), 5) for _ in range(2))
    unit = eyes.size.width / eyes.width
    moved = []
    for row in eyes.labels():
        point = noisy.labels(item(row.crop))["pupil"].points["pupil"]
        assert point == again.labels(item(row.crop))["pupil"].points["pupil"]
        moved.append(np.array([point.x, point.y]) - exact.place(row.crop))
    assert np.std(moved) / unit == pytest.approx(0.02, rel=0.4)


def test_a_share_of_the_verdicts_is_wrong() -> None:
    said = [sometimes_wrong(LabelVerdict.TRUE, 0.1, 0, number) for number in range(2000)]
    assert said.count(LabelVerdict.FALSE) / 2000 == pytest.approx(0.1, abs=0.03)
    assert sometimes_wrong(LabelVerdict.FALSE, 1.0, 0) is LabelVerdict.TRUE
    assert sometimes_wrong(LabelVerdict.UNSURE, 1.0, 0) is LabelVerdict.UNSURE


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("image,nose_x,nose_y\na.jpg,1,2\n", "no row has an eye"),
        ("image,right_eye_x,right_eye_y\nelsewhere.jpg,1,2\n", "none of its eyes is in the pictu"),
        ("image,right_eye_x,right_eye_y\nperson0/0.jpg,900,2\n", "none of its eyes is in the pic"),
    ],
)
def test_other_tables_are_refused(eyes: EyeStore, tmp_path: Path, table: str, message: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        PupilOracle(eyes, OracleOptions(path))


@pytest.mark.parametrize(
    "options", [{"tolerance": 0}, {"noise": -1}, {"wrong": 1.5}, {"tolerance": float("nan")}]
)
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        OracleOptions(Path("truth.csv"), **options)
