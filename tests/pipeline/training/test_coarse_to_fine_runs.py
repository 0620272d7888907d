"""Which trainings there are, and who is learnt from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import BY_HAND, SIZE, ReadFace, ReadFaces
from closeup.pipeline.training.coarse_to_fine_runs import Bench, CoarseToFineOptions, Run, planned
from closeup.settings import Settings

PEOPLE, PHOTOS = 100, 2
SETTINGS = Settings(None, Path("nowhere"))


@pytest.fixture(scope="module")
def faces() -> ReadFaces:
    """Noise, two photos a person; of every tenth photo nobody has labelled the eyes."""
    chance = np.random.default_rng(0)
    names = tuple(f"person{n // PHOTOS}/{n}.jpg" for n in range(PEOPLE * PHOTOS))
    truth = PupilTruth(names, tuple(map(Path, names)), np.zeros((len(names), 2, 2)))
    made = []
    for number in range(len(names)):
        label = np.full((2, 2), np.nan if number % 10 == 0 else 0.5)
        crops = chance.integers(0, 255, (2, SIZE.height, SIZE.width), np.uint8)
        made.append(ReadFace(None, np.zeros((2, 2)), crops, {BY_HAND: label}, {}))
    return ReadFaces(truth, made)


def bench(faces: ReadFaces, folder: Path, **options: Any) -> Bench:
    return Bench(faces, faces, CoarseToFineOptions(**options), folder, Models(SETTINGS))


def test_a_network_learns_on_only_after_it_has_learnt() -> None:
    runs = planned(CoarseToFineOptions(("contour", "darkest"), (100, 30), seeds=2))
    assert [run.name for run in runs[:8]] == [
        "seed-0/contour/coarse", "seed-0/contour/30", "seed-0/contour/100",
        "seed-0/darkest/coarse", "seed-0/darkest/30", "seed-0/darkest/100",
        "seed-0/scratch/30", "seed-0/scratch/100",
    ]  # fmt: skip
    assert [run.seed for run in runs] == [0] * 8 + [1] * 8
    assert len({run.name for run in runs}) == len(runs)
    assert str(runs[0]) == "contour, alone, seed 0"
    assert str(runs[-1]) == "from scratch, 100 by hand, seed 1"


def test_people_are_kept_apart_with_all_their_photos(faces: ReadFaces, tmp_path: Path) -> None:
    made = bench(faces, tmp_path, labels=(20,))
    held_out, learning = (set(faces.people[part]) for part in (made.held_out, made.learning))
    assert not held_out & learning
    assert len(held_out | learning) == PEOPLE
    assert 5 <= len(held_out) <= 20


def test_more_labels_contain_fewer_and_seeds_draw_others(faces: ReadFaces, tmp_path: Path) -> None:
    made = bench(faces, tmp_path, labels=(30, 100))
    few, many = made.drawn(30, 1), made.drawn(100, 1)
    assert len(set(few)) == 30
    assert set(few) < set(many)
    assert set(many) <= set(made.learning) & set(faces.labelled(BY_HAND))
    assert set(made.drawn(30, 2)) != set(few)


def test_many_labels_are_passed_over_often_enough(faces: ReadFaces, tmp_path: Path) -> None:
    made = bench(faces, tmp_path, labels=(32, 128), steps=30, scratch_steps=100)
    steps = {run: made.steps(run) for run in (Run("contour", n, 0) for n in (32, 128))}
    assert list(steps.values()) == [30, 40]
    assert [made.steps(Run(None, n, 0)) for n in (32, 128)] == [100, 120]


def test_there_must_be_as_many_photos_as_labels(faces: ReadFaces, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"only 1\d\d faces .* 200 are needed"):
        bench(faces, tmp_path, labels=(30, 200))
    nobody = ReadFaces(PupilTruth((), (), np.empty((0, 2, 2))), [])
    with pytest.raises(InputError, match="only 0 faces with both pupils"):
        bench(nobody, tmp_path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"methods": ("network",)}, "methods are contour, darkest, .*, not 'network'"),
        ({"methods": ()}, "at least one method"),
        ({"labels": ()}, "one number of labels"),
        ({"labels": (30, 0)}, "numbers of labels must be 1 or more, not 0"),
        ({"seeds": 0}, "seeds must be 1 or more"),
        ({"epochs": 0}, "epochs must be 1 or more"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        CoarseToFineOptions(**options)
