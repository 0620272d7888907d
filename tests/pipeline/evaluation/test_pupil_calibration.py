from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.pipeline.evaluation.pupil_calibration import calibrate_pupils, held_out
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.progress import Silent
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept
from tests.pupil_networks import constant_network


def test_contour_gains_on_faces_that_took_no_part(
    shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    photos, file = shared_data / "lfw" / "images", tmp_path / "calibration.json"
    calibration, told = calibrate_pupils(
        shared_data / "eyes" / "truth_train.csv", photos, "contour",
        models=kept(settings), progress=Silent(), limit=200,
    )  # fmt: skip
    assert (told["photos"], told["used"]) == (200, 200)
    assert told["after"]["e_0.05"] > told["before"]["e_0.05"] + 0.03
    assert (calibration.offsets[:, 1] < -0.01).all()  # a contour's centroid sits too low
    assert told["offsets"]["right"] == calibration.offsets[0].round(5).tolist()
    calibration.save(file)
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 120)
    before, after = (
        evaluate_pupils(
            table, photos, ("contour",), calibrations=calibrations,
            models=kept(settings), progress=Silent(),
        )["methods"]["contour"]["e_0.05"]
        for calibrations in ((), (file,))
    )  # fmt: skip
    assert after > before


def test_a_network_of_ones_own_is_calibrated_by_its_digest(
    shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    """The file says everywhere "the middle of the crop, and a tenth of its height up"."""
    photos, path = shared_data / "lfw" / "images", tmp_path / "own.onnx"
    path.write_bytes(constant_network([(0.5, 0.4)]))
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 40)
    calibration, told = calibrate_pupils(
        table, photos, str(path), models=kept(settings), progress=Silent()
    )
    assert calibration.method == told["method"]
    assert calibration.method.startswith("own.onnx@")
    assert (calibration.offsets[:, 1] > 0.02).all()
    file = tmp_path / "calibration.json"
    calibration.save(file)
    (before, name), (after, again) = (
        (figures["e_0.05"], method)
        for calibrations in ((), (file,))
        for method, figures in evaluate_pupils(
            table, photos, (str(path),), calibrations=calibrations,
            models=kept(settings), progress=Silent(), out=tmp_path / str(len(calibrations)),
        )["methods"].items()
    )  # fmt: skip
    assert name == again == calibration.method
    assert after > before
    assert (tmp_path / "1" / f"worst_{name}.jpg").is_file()


def test_the_network_can_be_calibrated(
    shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 40, table="train")
    calibration, told = calibrate_pupils(
        table, shared_data / "lfw" / "images", "network", models=kept(settings), progress=Silent()
    )
    assert calibration.method == "network"
    assert np.abs(calibration.offsets).max() < 0.02
    assert told["before"]["e_0.05"] > 0.8


def test_too_few_photos_are_refused(shared_data: Path, settings: Settings, tmp_path: Path) -> None:
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 19)
    with pytest.raises(InputError, match=r"of only 1[0-9] faces; a calibration needs 20 or more"):
        calibrate_pupils(
            table,
            shared_data / "lfw" / "images",
            "darkest",
            models=kept(settings),
            progress=Silent(),
        )


@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.integers(0, 2**32 - 1))
def test_a_constant_error_goes_and_what_is_missing_stays_so(
    across: float, down: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    truth = np.array([[0.0, 0], [40, 0]]) + random.uniform(0, 200, (30, 1, 2))
    found = truth + 40 * np.array([across, down])
    found[3] = np.nan
    halves = np.arange(30) % 2 == 0
    after = held_out(found, truth, truth, halves)
    assert np.isnan(after[3]).all()
    np.testing.assert_allclose(np.delete(after, 3, 0), np.delete(truth, 3, 0), atol=1e-6)


def test_a_half_is_not_moved_by_its_own_error() -> None:
    truth = np.tile(np.array([[[0.0, 0], [40, 0]]]), (20, 1, 1))
    halves = np.arange(20) < 10
    found = truth + np.where(halves, 2.0, 0.0)[:, None, None]
    after = held_out(found, truth, truth, halves)
    np.testing.assert_allclose(after[halves], found[halves])
    np.testing.assert_allclose(after[~halves], truth[~halves] - 2)
