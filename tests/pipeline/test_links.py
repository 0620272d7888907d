"""A file with several names: by symbolic and by hard links, and names that differ by case."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup import Models
from closeup.errors import OutputError
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.identify import identify
from closeup.pipeline.people.naming import Naming, name_people
from closeup.pipeline.search.align import align_faces
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import files
from tests.real_photos import astronaut

CROP = CutOptions(template=Template.CROP)
PICTURES = 7


@pytest.fixture(scope="module")
def models(shared_models: Path) -> Models:
    return kept(Settings(shared_models, shared_models / "no cache"))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo under seven names."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "sub").mkdir()
    Image.fromarray(astronaut()).save(folder / "a.jpg", quality=95)
    for name in ("b.jpg", "a.png", "a.jpg.png"):
        (folder / name).symlink_to("a.jpg")
    (folder / "sub" / "a.jpg").symlink_to("../a.jpg")
    os.link(folder / "a.jpg", folder / "c.jpg")
    shutil.copy(folder / "a.jpg", folder / "A.JPG")
    return folder


def faces(album: Path, out: Path, models: Models) -> None:
    draw_faces(find_faces(album, models=models), out)


def pupils(album: Path, out: Path, models: Models) -> None:
    draw_faces(find_pupils(album, models=models), out)


def people(album: Path, out: Path, models: Models) -> None:
    members = out.parent / "members"
    members.mkdir()
    (members / "Eileen").symlink_to(album)
    draw_faces(identify(album, members, models=models), out)


def aligned(album: Path, out: Path, models: Models) -> None:
    assert len(align_faces(album, out, CROP, models=models)) == PICTURES


def all_aligned(album: Path, out: Path, models: Models) -> None:
    assert len(align_faces(album, out, CROP, every_face=True, models=models)) == PICTURES


def clusters(album: Path, out: Path, models: Models) -> None:
    (person,) = cluster_people(album, out, models=models).groups
    assert len(person.files) == PICTURES


@pytest.mark.parametrize("job", [faces, pupils, people, aligned, all_aligned, clusters])
def test_each_name_has_a_result_of_its_own(
    album: Path, tmp_path: Path, models: Models, job: Callable[[Path, Path, Models], None]
) -> None:
    job(album, tmp_path / "out", models)
    made = {name for name in files(tmp_path / "out") if name.endswith(("jpg", "JPG", "png"))}
    made.discard("people.jpg")
    assert len({name.casefold() for name in made}) == len(made) == PICTURES
    for document in ("faces", "pupils", "people"):
        if (path := tmp_path / "out" / f"{document}.json").exists():
            listed = [one["image"] for one in json.loads(path.read_text(encoding="utf-8"))]
            assert len(set(listed)) == PICTURES


def test_a_member_gets_a_photo_once(album: Path, tmp_path: Path, models: Models) -> None:
    cluster_people(album, tmp_path / "who", models=models)
    for _ in range(2):
        named = name_people(
            tmp_path / "who", tmp_path / "members", [Naming(1, "Eileen")], models=models
        )
        assert len(named["Eileen"]) == len(files(tmp_path / "members" / "Eileen")) == 1


@pytest.mark.parametrize("job", [faces, aligned])
def test_a_photo_that_lies_where_a_result_would_is_not_replaced(
    tmp_path: Path, models: Models, job: Callable[[Path, Path, Models], None]
) -> None:
    """The source is a link into the folder of the results."""
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    name = "a.jpg" if job is faces else "a.png"
    Image.fromarray(astronaut()).save(source / "a.jpg")
    Image.fromarray(astronaut()).save(out / name)
    (source / "z.jpg").symlink_to(out / name)
    before = (out / name).read_bytes()
    with pytest.raises(OutputError, match="is read and would be replaced by a result"):
        job(source, out, models)
    assert (out / name).read_bytes() == before


def test_pixels_under_all_names_are_the_same(album: Path, models: Models) -> None:
    boxes = [found.faces.boxes for found in find_faces(album, models=models)]
    assert all(np.array_equal(boxes[0], other) for other in boxes)
