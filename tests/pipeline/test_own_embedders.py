"""Embedders that are not dlib's go through every use case by their own calibration."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup import (
    FancamOptions,
    Naming,
    cluster_people,
    identify,
    make_fancams,
    name_people,
    verify_photos,
)
from closeup.errors import CalibrationError, GalleryError, InputError
from closeup.evaluation.distances import Distance
from closeup.identity.calibration import calibration_place, load_calibration
from closeup.open_models import Models
from closeup.pipeline.evaluation.identity_calibration import calibrate_identity
from closeup.pipeline.evaluation.lfw import LfwOptions, evaluate_lfw
from closeup.pipeline.people.members import enrol_members
from closeup.settings import Settings
from closeup.testing import read_truth, score
from tests.kept_models import kept
from tests.own_embedders import DETECTOR, OwnEmbedders
from tests.random_sface import known_as_sface
from tests.small_stage import EILEEN, GRACE

NAMES = ["grid", "sface"]


@pytest.fixture(autouse=True)
def random_sface_counts() -> Iterator[None]:
    with known_as_sface():
        yield


@pytest.fixture(params=NAMES)
def choices(request: pytest.FixtureRequest, own_embedders: OwnEmbedders) -> dict[str, Any]:
    """What every use case is given."""
    return {
        "embedder": own_embedders.named(request.param),
        "models": Models(own_embedders.settings),
    }


def test_members_are_enrolled_and_identified(
    choices: dict[str, Any], small_stage: Path, tmp_path: Path
) -> None:
    members, file = small_stage.parent / "members", tmp_path / "members.npz"
    gallery = enrol_members(members, file, detector=DETECTOR, **choices)
    assert gallery.names == (EILEEN, GRACE)
    assert gallery.calibration.embedder != "dlib-128"
    assert not gallery.rejections
    found = [
        (picture.path.parent.name, name)
        for picture in identify(members, file, detector=DETECTOR, **choices)
        for name in picture.faces.names
    ]
    assert found == [(EILEEN, EILEEN), (GRACE, GRACE)]
    strangers = [
        person.best.confidence
        for picture in identify(small_stage, file, every=12, detector=DETECTOR, **choices)
        for person in picture.faces.identities or ()
    ]
    assert strangers
    assert np.isfinite(strangers).all()
    with pytest.raises(GalleryError, match="was made by"):
        list(identify(members, file, detector=DETECTOR, **choices | {"embedder": "dlib-128"}))


def test_a_gallery_is_compared_by_the_embedder_that_made_it(
    own_embedders: OwnEmbedders, small_stage: Path, tmp_path: Path
) -> None:
    """Unless it was made by a file, of which the gallery knows the name only."""
    models, members = Models(own_embedders.settings), small_stage.parent / "members"
    for name in NAMES:
        embedder = own_embedders.named(name)
        file = tmp_path / f"{name}.npz"
        enrol_members(members, file, detector=DETECTOR, embedder=embedder, models=models)
    search = identify(members, tmp_path / "sface.npz", detector=DETECTOR, models=models)
    assert [name for picture in search for name in picture.faces.names] == [EILEEN, GRACE]
    with pytest.raises(GalleryError, match=r"made by grid.*; give that embedder or its file"):
        list(identify(members, tmp_path / "grid.npz", detector=DETECTOR, models=models))


def test_photos_are_verified(
    choices: dict[str, Any], own_embedders: OwnEmbedders, small_stage: Path
) -> None:
    one, other, *_ = sorted(own_embedders.people.iterdir())
    pairs = [(one / "0.jpg", one / "1.jpg"), (one / "0.jpg", other / "0.jpg")]
    same, different = (verify_photos(*pair, detector=DETECTOR, **choices) for pair in pairs)
    assert same.verdict.same
    assert not different.verdict.same
    curve = same.calibration.false_accepts
    assert same.verdict.threshold_false_accept_rate == curve.least > 1e-3
    assert same.record()["embedder"] == same.calibration.embedder
    with pytest.raises(
        CalibrationError, match=r"rate of 1e-06 was not measured for .*; give 0\.003"
    ):
        verify_photos(*pairs[0], detector=DETECTOR, rate=1e-6, **choices)


def test_unknown_people_are_sorted_and_named(
    choices: dict[str, Any], own_embedders: OwnEmbedders, tmp_path: Path
) -> None:
    album = tmp_path / "album"
    album.mkdir()
    for person in sorted(own_embedders.people.iterdir())[:4]:
        for photo in person.iterdir():
            (album / f"{person.name} {photo.name}").write_bytes(photo.read_bytes())
    found = cluster_people(album, tmp_path / "out", detector=DETECTOR, **choices)
    owners = [{Path(face.image).name.split()[0] for face in group.faces} for group in found.groups]
    assert len(owners) >= 3
    assert {len(own) for own in owners} == {1}
    made = name_people(
        tmp_path / "out", tmp_path / "members", [Naming(1, "Ann")], detector=DETECTOR, **choices
    )
    assert len(made["Ann"]) >= 2


def test_a_stage_is_filmed(choices: dict[str, Any], small_stage: Path, tmp_path: Path) -> None:
    members, options = small_stage.parent / "members", FancamOptions(video=False)
    made = make_fancams(small_stage, members, tmp_path, options, detector=DETECTOR, **choices)
    found = score(made.solution.trajectories, read_truth(small_stage))
    assert found.identity.named_f1 > 0.9
    with made.coordinates.open(newline="") as file:
        assert {row["member"] for row in csv.DictReader(file)} == {EILEEN, GRACE}


def test_another_calibration_is_another_analysis(
    own_embedders: OwnEmbedders, small_stage: Path, tmp_path: Path
) -> None:
    """The weights of the faces are part of it."""
    fresh = own_embedders.without_calibration(tmp_path / "fresh")
    place = calibration_place(str(fresh.grid), fresh.settings)
    first = load_calibration(own_embedders.grid.with_suffix(".calibration.json"))
    members, options = small_stage.parent / "members", FancamOptions(video=False)

    def weights() -> list[float]:
        made = make_fancams(
            small_stage, members, tmp_path / "out", options,
            detector=DETECTOR, embedder=str(fresh.grid), models=Models(fresh.settings),
        )  # fmt: skip
        return [float(w) for tracklet in made.solution.tracklets for w in tracklet.weights]

    place.write_bytes(own_embedders.grid.with_suffix(".calibration.json").read_bytes())
    before = weights()
    assert weights() == before
    calibrate_identity(
        own_embedders.people, str(fresh.grid), detector="closeup", models=Models(fresh.settings)
    )
    assert load_calibration(place).digest != first.digest
    assert weights() != before


def enrolled(stage: Path, out: Path, choices: dict[str, Any]) -> None:
    enrol_members(stage.parent / "members", out / "g.npz", **choices)


def identified(stage: Path, out: Path, choices: dict[str, Any]) -> None:
    list(identify(stage, stage.parent / "members", **choices))


def verified(stage: Path, out: Path, choices: dict[str, Any]) -> None:
    verify_photos(*sorted((stage.parent / "members").rglob("*.*"))[:2], **choices)


def clustered(stage: Path, out: Path, choices: dict[str, Any]) -> None:
    cluster_people(stage, out / "people", **choices)


def filmed(stage: Path, out: Path, choices: dict[str, Any]) -> None:
    make_fancams(stage, stage.parent / "members", out / "fancams", **choices)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("use", [enrolled, identified, verified, clustered, filmed])
def test_without_a_calibration_it_is_refused(
    use: Callable[[Path, Path, dict[str, Any]], None],
    name: str,
    own_embedders: OwnEmbedders,
    small_stage: Path,
    tmp_path: Path,
) -> None:
    bare = own_embedders.without_calibration(tmp_path / "bare")
    choices = {"embedder": bare.named(name), "models": Models(bare.settings)}
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(CalibrationError, match="has no calibration") as caught:
        use(small_stage, out, choices)
    assert str(caught.value).endswith(
        f"closeup calibrate identity FACES/ --embedder {bare.named(name)}"
    )
    assert len(str(caught.value).splitlines()) == 1
    assert not list(out.iterdir())


def few_pairs(shared_data: Path, out: Path) -> Path:
    """A list of LFW with its first three pairs of each kind, in two folds."""
    lines = (shared_data / "lfw" / "pairs.txt").read_text().splitlines()[1:]
    folds = [lines[start : start + 3] for start in (0, 300, 600, 900)]
    out.write_text("\n".join(["2\t3", *(line for fold in folds for line in fold)]) + "\n")
    return out


def test_lfw_needs_a_calibration_for_relative_distances_only(
    own_embedders: OwnEmbedders, shared_data: Path, tmp_path: Path
) -> None:
    bare = own_embedders.without_calibration(tmp_path / "bare")
    pairs = few_pairs(shared_data, tmp_path / "pairs.txt")

    def evaluated(own: OwnEmbedders, distance: Distance) -> dict[str, Any]:
        return evaluate_lfw(
            shared_data / "lfw", pairs, LfwOptions(distance=distance),
            detector=DETECTOR, embedder=str(own.grid), models=Models(own.settings),
        )  # fmt: skip

    plain = evaluated(bare, Distance.UNIT)
    assert plain["pairs"] == 12
    assert str(plain["embedder"]).startswith("grid.onnx@")
    with pytest.raises(CalibrationError, match="has no calibration"):
        evaluated(bare, Distance.RELATIVE)
    assert evaluated(own_embedders, Distance.RELATIVE)["distance"] == "relative"


def test_too_few_people_are_refused_before_any_work(
    own_embedders: OwnEmbedders, small_stage: Path, tmp_path: Path
) -> None:
    settings = Settings(None, tmp_path)  # no model is on this machine
    with pytest.raises(
        InputError, match="only 0 people have two photos or more; a calibration needs 60"
    ):
        calibrate_identity(small_stage.parent / "members", "sface", models=kept(settings))
    with pytest.raises(InputError, match="no such folder"):
        calibrate_identity(tmp_path / "none", "sface", models=kept(settings))


def test_lists_choose_the_people(own_embedders: OwnEmbedders, tmp_path: Path) -> None:
    names = sorted(path.name for path in own_embedders.people.iterdir())
    lists = []
    for part in (names[:3], names[1:]):
        lists.append(tmp_path / f"{len(part)}.txt")
        lists[-1].write_text("".join([f"{len(part)}\n", *(f"{name}\t2\n" for name in part)]))
    some, others = lists[:1], lists[1:]
    for only, keep_out, left in ((some, [], 3), ([], others, 1), (some, others, 1)):
        with pytest.raises(InputError, match=f"only {left} people have two photos"):
            calibrate_identity(
                own_embedders.people, str(own_embedders.grid), only=only, keep_out=keep_out
            )


def test_people_without_faces_are_too_few(own_embedders: OwnEmbedders, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}").mkdir()
        for name in ("a.png", "b.png"):
            Image.new("RGB", (32, 32)).save(tmp_path / f"{number}" / name)
    (tmp_path / "0" / "a.png").write_bytes(b"rubbish")
    out = tmp_path / "out" / "x.json"
    with pytest.raises(InputError, match="only 0 people have two photos or more in which a face"):
        calibrate_identity(
            tmp_path, str(own_embedders.grid), out=out, detector=DETECTOR,
            models=Models(own_embedders.settings),
        )  # fmt: skip
    assert not out.parent.exists()
