from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.cohort import Cohort, unit_length
from closeup.embedding_calibration import (
    EmbeddingCalibration,
    FaceVariance,
    FalseAccepts,
    Odds,
    SplitDistances,
)
from closeup.errors import CalibrationError, OutputError
from closeup.identity.calibration import (
    calibration_of,
    calibration_place,
    find_calibration,
    load_calibration,
    save_calibration,
    shipped_calibration,
)
from closeup.identity.onnx_embedder import open_onnx_embedder
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.settings import Settings
from tests.calibrations import DLIB, plain
from tests.embedding_networks import grid_network
from tests.real_photos import dlib_file


def falling(values: st.SearchStrategy[float]) -> st.SearchStrategy[tuple[float, ...]]:
    lists = st.lists(values, min_size=5, max_size=5, unique=True)
    return lists.map(lambda found: tuple(sorted(found, reverse=True)))


@st.composite
def calibrations(draw: st.DrawFn) -> EmbeddingCalibration:
    dimensions = draw(st.integers(2, 40))
    positive = st.floats(1e-3, 100)
    centres = np.random.default_rng(draw(st.integers(0, 99))).normal(
        size=(draw(st.integers(1, 9)), dimensions)
    )
    cohort = Cohort(unit_length(centres), draw(st.floats(0.01, 1.9)))
    distances = draw(falling(st.floats(0.01, 4)))
    return EmbeddingCalibration(
        embedder=draw(st.text(min_size=1)),
        dimensions=dimensions,
        odds=Odds(
            draw(st.floats(-50, 50)), -draw(positive), draw(st.floats(-9, 9)),
            draw(st.floats(-9, 9)), -draw(st.floats(0, 50)),
        ),
        false_accepts=FalseAccepts(
            draw(falling(st.floats(1e-9, 0.99))), distances, draw(st.floats(0, 0.9)) * distances[-1]
        ),
        variance=FaceVariance(*draw(st.tuples(*[positive] * 5))),
        same_person=draw(positive),
        split=SplitDistances(draw(positive), draw(positive)),
        cohort=draw(st.sampled_from([None, cohort])),
    )  # fmt: skip


@given(calibrations())
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, calibration: EmbeddingCalibration
) -> None:
    path = tmp_path_factory.mktemp("one") / "some" / "x.calibration.json"
    save_calibration(calibration, path)
    found = load_calibration(path)
    assert found.digest == calibration.digest
    assert found.embedder == calibration.embedder
    for name in ("odds", "false_accepts", "variance", "split", "same_person", "dimensions"):
        assert getattr(found, name) == getattr(calibration, name)
    assert (found.cohort is None) == (calibration.cohort is None)
    if found.cohort and calibration.cohort:
        assert found.cohort.radius == calibration.cohort.radius
        np.testing.assert_array_equal(found.cohort.centres, calibration.cohort.centres)


SMALL = replace(plain(3), cohort=Cohort(np.eye(3, dtype=np.float32), 0.4))


@cache
def small_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.calibration.json"
        save_calibration(SMALL, path)
        return path.read_bytes()


@pytest.fixture
def saved() -> bytes:
    return small_file()


@given(st.integers(0, len(small_file()) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_read_right_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    damaged = bytearray(small_file())
    damaged[place] ^= change
    path = tmp_path_factory.mktemp("damaged") / "x.calibration.json"
    path.write_bytes(damaged)
    refused = ""
    try:
        assert load_calibration(path, "grid.onnx").digest == SMALL.digest
    except CalibrationError as error:
        refused = str(error)
    if refused:
        assert str(path) in refused
        assert len(refused.splitlines()) == 1
        assert "closeup calibrate identity FACES/ --embedder grid.onnx" in refused


def changed(saved: bytes, path: Path, **values: Any) -> Path:
    path.write_text(json.dumps({**json.loads(saved), **values}))
    return path


@pytest.mark.parametrize(
    "values",
    [
        {"closeup": "gallery"},
        {"dimensions": 4},
        {"dimensions": -3},
        {"dimensions": "3"},
        {"embedder": ""},
        {"embedder": 7},
        {"odds": None},
        {"odds": {}},
        {"odds": [1, 2, 3, 4, 5]},
        {"same_person": float("nan")},
        {"same_person": float("inf")},
        {"same_person": 10**400},
        {"same_person": True},
        {"same_person": "0.2"},
        {"split": {"single": -1, "several": 1}},
        {"cohort": {"radius": 0.4, "centres": "no base64!"}},
        {"cohort": {"radius": 0.4, "centres": ""}},
        {"cohort": {"radius": 0, "centres": "AACAPwAAAAAAAAAA"}},
        {"cohort": {"radius": 0.4, "centres": "AAAAAAAAAAAAAAAA"}},
        {"cohort": {"radius": 0.4, "centres": "////////////////"}},
        {"false_accepts": {"rates": [0.1, 0.1], "distances": [1, 0.5], "nearer": 0}},
        {"false_accepts": {"rates": [0.5, 0.1], "distances": [0.5, 1], "nearer": 0}},
        {"false_accepts": {"rates": [0.5], "distances": [0.5], "nearer": 0}},
        {"false_accepts": {"rates": [0.5, 0.1], "distances": [1], "nearer": 0}},
        {"false_accepts": {"rates": 0.5, "distances": 1, "nearer": 0}},
        {"false_accepts": {"rates": [0.5, 0.1], "distances": [1, 0.5], "nearer": 0.6}},
        {"variance": {"best": 0, "per_log_height": 1, "per_log_sharpness": 1,
                      "full_height": 1, "full_sharpness": 1}},
        {"digest": "0"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_true_is_refused(
    saved: bytes, tmp_path: Path, values: dict[str, Any]
) -> None:
    with pytest.raises(CalibrationError, match="is no calibration of an embedder, or damaged"):
        load_calibration(changed(saved, tmp_path / "x.calibration.json", **values))


def test_odds_that_rise_with_the_distance_are_none(saved: bytes, tmp_path: Path) -> None:
    odds = {**json.loads(saved)["odds"], "per_noisy_distance": 40}
    with pytest.raises(CalibrationError, match="odds rise with the distance"):
        load_calibration(changed(saved, tmp_path / "x.calibration.json", odds=odds))


@pytest.mark.parametrize("version", [2, 99, "1", None])
def test_another_version_is_refused(saved: bytes, tmp_path: Path, version: object) -> None:
    path = changed(saved, tmp_path / "x.calibration.json", version=version)
    with pytest.raises(CalibrationError, match=r"of version .*, this program reads 1; make it"):
        load_calibration(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 99_999])
def test_what_is_no_calibration(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.calibration.json"
    path.write_bytes(content)
    with pytest.raises(CalibrationError, match="is no calibration of an embedder"):
        load_calibration(path)
    with pytest.raises(CalibrationError, match="cannot read the calibration"):
        load_calibration(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        save_calibration(DLIB, tmp_path / "file" / "x.calibration.json")


def test_two_ship_and_no_other() -> None:
    assert DLIB.embedder == "dlib-128"
    own = shipped_calibration("closeup-128")
    assert own is not None
    assert own.embedder == "closeup-128"
    for calibration in (DLIB, own):
        assert calibration.cohort is not None
    assert shipped_calibration("sface") is None


def test_where_a_calibration_is_looked_for(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    beside = tmp_path / "Own.calibration.json"
    assert calibration_place(str(tmp_path / "Own.ONNX"), settings) == beside
    assert calibration_place("sface", settings).parent == settings.calibrations
    assert find_calibration("sface", settings) is None
    assert find_calibration(str(tmp_path / "Own.ONNX"), settings) is None
    shipped = find_calibration("dlib-128", settings)
    assert shipped is not None
    assert shipped.digest == DLIB.digest
    save_calibration(plain(512, "own"), beside)
    own = find_calibration(str(tmp_path / "Own.ONNX"), settings)
    assert own is not None
    assert own.embedder == "own"


def test_an_embedder_must_have_its_own() -> None:
    def opened(calibration: EmbeddingCalibration | None) -> Any:
        landmarker = DlibLandmarker(dlib_file("dlib-5-points"))
        return open_onnx_embedder(grid_network(), "grid", landmarker, calibration, threads=1)

    own = plain(512, "grid")
    assert calibration_of(opened(own)) is own
    with pytest.raises(CalibrationError, match=r"identity FACES/ --embedder my/grid\.onnx"):
        calibration_of(opened(None), "my/grid.onnx")
    with pytest.raises(CalibrationError, match=r"FACES/ --embedder grid$"):
        calibration_of(opened(None))
    for other in (DLIB, plain(128, "grid"), plain(512, "other")):
        with pytest.raises(CalibrationError, match="make its own"):
            calibration_of(opened(other))
