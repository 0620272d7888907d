"""Nothing is trained on samples that are broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.geometry import Size
from closeup.pipeline.datasets.eye_dataset import EyeSetOptions, build_eye_set
from closeup.pipeline.training.eye_checks import PICTURE, run_sanity_checks
from closeup.pipeline.training.eye_samples import samples_of
from closeup.settings import Settings
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.sanity_checks import LearningOptions
from tests.kept_models import kept
from tests.training.pupils.drawn_samples import drawn_samples

SIZE = Size(64, 48)
SAMPLES = drawn_samples(400)


def network() -> CompactNetwork:
    torch.manual_seed(0)
    return CompactNetwork()


Break = Callable[[EyeSamples], EyeSamples]


def points(change: Callable[[NDArray[np.float32]], NDArray[np.floating]]) -> Break:
    return lambda samples: replace(samples, points=change(samples.points).astype(np.float32))


FAULTS: dict[str, tuple[Break, str]] = {
    "divided twice": (points(lambda p: p / SIZE), "labels.*divided by the crop's size twice"),
    "not divided": (points(lambda p: p * SIZE), "labels.*not divided by its size"),
    "divided by a smaller size": (points(lambda p: p * 4), "labels.*outside their crops"),
    "divided by a larger size": (points(lambda p: p * 0.4), "labels.*divided by another size"),
    "height for width": (
        points(lambda p: p * SIZE / SIZE[::-1]),
        "labels.*divided by another size",
    ),
    "x and y exchanged": (points(lambda p: p[..., ::-1]), "labels.*have x and y exchanged"),
    "exchanged before": (
        points(lambda p: p[..., ::-1] * SIZE[::-1] / SIZE),
        "labels.*exchanged, before they were divided",
    ),
    "mirrored crops": (
        lambda samples: replace(samples, crops=samples.crops[..., ::-1]),
        "labels.*are mirrored: were the crops mirrored without their labels",
    ),
    "mirrored left crops": (
        lambda samples: replace(
            samples,
            crops=np.where(samples.left[:, None, None], samples.crops[..., ::-1], samples.crops),
        ),
        "labels.*of left eyes are mirrored",
    ),
    "constant": (points(lambda p: p * 0 + 0.45), "labels.*answer with a default"),
    "in a corner": (points(lambda p: np.where(p > 0.5, 1, p)), "labels.*border|labels.*same"),
    "of other crops": (points(lambda p: np.roll(p, 6, axis=0)), "labels.*were they mixed up"),
    "black crops": (
        lambda samples: replace(samples, crops=samples.crops * np.uint8(0)),
        "crops.*are black or of one shade",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_and_shown(fault: str, tmp_path: Path) -> None:
    broken, told = FAULTS[fault]
    with pytest.raises(InputError, match=f"the check of {told}") as caught:
        run_sanity_checks(broken(SAMPLES), network(), tmp_path / "run")
    picture = tmp_path / "run" / PICTURE
    assert f"see {picture}" in str(caught.value)
    assert "\n" not in str(caught.value)
    drawn = cv2.imread(str(picture))
    assert drawn is not None
    assert drawn.shape == (4 * 192, 8 * 256, 3)


def test_what_cannot_be_learnt_is_shown(tmp_path: Path) -> None:
    learner = network()
    for values in learner.parameters():
        torch.nn.init.zeros_(values)
    with pytest.raises(InputError, match=r"the check of learning failed: after 20 steps"):
        run_sanity_checks(SAMPLES, learner, tmp_path, learning=LearningOptions(steps=20))
    drawn = cv2.imread(str(tmp_path / PICTURE))
    assert drawn is not None
    assert drawn.shape == (2 * 192, 8 * 256, 3)


def test_few_samples_are_refused(tmp_path: Path) -> None:
    unknown = SAMPLES.points.copy()
    unknown[29:] = np.nan
    told = "29 eyes to learn from are too few, at least 30 are needed: add pictures"
    for few in (SAMPLES.chosen(np.arange(29)), replace(SAMPLES, points=unknown)):
        with pytest.raises(InputError, match=told):
            run_sanity_checks(few, network(), tmp_path)
    assert not (tmp_path / PICTURE).exists()


def test_good_samples_pass(tmp_path: Path) -> None:
    run_sanity_checks(SAMPLES, network(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_eyes_that_nobody_labelled_are_passed_over(tmp_path: Path) -> None:
    some = SAMPLES.points.copy()
    some[::3] = np.nan
    run_sanity_checks(replace(SAMPLES, points=some), network(), tmp_path)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Photos of LFW, in the folders of their people."""
    folder = tmp_path_factory.mktemp("photos")
    for path in sorted((shared_data / "lfw" / "images").glob("*/*.jpg"))[2000:2060]:
        (folder / path.parent.name).mkdir(exist_ok=True)
        (folder / path.parent.name / path.name).symlink_to(path)
    return folder


@pytest.mark.parametrize("method", ["darkest", "mean-shift", "projection", "contour"])
def test_every_coarse_method_passes(
    method: str, photos: Path, settings: Settings, tmp_path: Path
) -> None:
    options = EyeSetOptions(Size(144, 108), 2.0)
    made = build_eye_set(photos, tmp_path / "eyes", options, method=method, models=kept(settings))
    samples = samples_of(made.store)
    assert len(samples) > 100
    people = len(list(photos.iterdir()))
    assert people - 3 < len(np.unique(samples.groups)) <= people
    run_sanity_checks(samples, network(), tmp_path / "run")
