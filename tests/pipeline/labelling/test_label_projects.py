"""Projects: pictures and store are made, completed and checked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError, OutputError
from closeup.labelling.label_task import LabelMode
from closeup.media.images import write_image
from closeup.pipeline.labelling.label_projects import (
    ProjectOptions,
    find_store,
    open_label_project,
)
from closeup.store.label_queue import Unit, fill_queue
from closeup.store.label_store import LabelStore
from tests.filming import film, numbered
from tests.listening import Listener
from tests.pipeline.drawn_set import drawn_set
from tests.pipeline.labelling.test_label_sources import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "sub/c.png"):
        picture(tmp_path / "pictures" / name)
    return tmp_path / "pictures"


def paths(store: LabelStore) -> list[str]:
    return [one.path for one in store.all_items()]


def test_a_store_is_made_beside_the_pictures_and_opened_again(folder: Path) -> None:
    heard = Listener()
    with open_label_project(folder, progress=heard) as project:
        assert paths(project.store) == ["a.png", "b.png", "sub/c.png"]
        assert project.task.mode is LabelMode.POINTS
        assert project.session("Ann").start() == Unit(1)
    assert (folder / "labels.db").is_file()
    assert heard.lines == ["added 3 pictures"]
    again = Listener()
    with open_label_project(folder, progress=again) as project:
        assert project.store.count() == 3
    assert again.lines == []


def test_new_pictures_come_last_and_missing_ones_stay(folder: Path) -> None:
    with open_label_project(folder):
        pass
    (folder / "a.png").unlink()
    picture(folder / "aa.png")
    heard = Listener()
    with open_label_project(folder, progress=heard) as project:
        assert paths(project.store) == ["a.png", "b.png", "sub/c.png", "aa.png"]
    assert heard.lines == [
        "added 1 picture",
        f"{folder}: 1 picture of the store is gone (a.png); the labels are kept",
    ]


def test_a_store_of_ones_own_choice(folder: Path, tmp_path: Path) -> None:
    with open_label_project(folder, options=ProjectOptions(tmp_path / "own.db")):
        pass
    assert (tmp_path / "own.db").is_file()
    assert not (folder / "labels.db").exists()


def test_a_store_in_each_kind_of_database(folder: Path, store_place: str) -> None:
    for _ in range(2):
        with open_label_project(folder, options=ProjectOptions(store_place)) as project:
            assert project.session("Ann").start() == Unit(1)
            assert project.store.setting("source") == str(folder)


def test_a_folder_that_cannot_be_written_says_how(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "none" / "labels.db"
    with (
        pytest.raises(OutputError, match="cannot be written; choose another place with --store"),
        open_label_project(folder, options=ProjectOptions(place)),
    ):
        pass


def test_a_store_of_something_else_or_a_newer_version(folder: Path) -> None:
    (folder / "labels.db").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="is no store of labels"), open_label_project(folder):
        pass
    (folder / "labels.db").unlink()
    with open_label_project(folder):
        pass
    with sqlite3.connect(folder / "labels.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match="newer version of Closeup"), open_label_project(folder):
        pass


def test_two_processes_may_have_one_store_open(folder: Path) -> None:
    with open_label_project(folder) as one, open_label_project(folder) as other:
        first, second = one.session("Ann"), other.session("Bob")
        unit = first.start()
        assert unit is not None
        first.leases.take([unit.item])
        assert second.start() == Unit(2)


@pytest.mark.parametrize(("kind", "mode"), [("eyes", LabelMode.POINTS), ("video", LabelMode.BOXES)])
def test_the_usual_task_suits_the_pictures(kind: str, mode: LabelMode, tmp_path: Path) -> None:
    path = (
        drawn_set(tmp_path / "eyes", 4)
        if kind == "eyes"
        else film(tmp_path / "v.mp4", [numbered(i, 96, 64) for i in range(5)])
    )
    with open_label_project(path) as project:
        assert project.task.mode is mode
        item = project.store.items([1])[0]
        assert project.pictures.read(item).shape[2] == 3


def test_names_of_members_are_remembered(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    with open_label_project(path, "members", ProjectOptions(names=("Ann", "Bob"))) as project:
        assert project.task.schema.classes == ("Ann", "Bob")
    with open_label_project(path, "members") as project:
        assert project.task.schema.classes == ("Ann", "Bob")


def test_a_queue_that_is_not_there(folder: Path) -> None:
    options = ProjectOptions(queue="odd")
    with (
        pytest.raises(InputError, match="no queue 'odd'; there is none yet; closeup labels check"),
        open_label_project(folder, options=options),
    ):
        pass
    with open_label_project(folder) as project:
        fill_queue(project.store.database, "even", [(Unit(2), "why not")])
    with (
        pytest.raises(InputError, match="no queue 'odd'; there are even;"),
        open_label_project(folder, options=options),
    ):
        pass
    with open_label_project(folder, options=ProjectOptions(queue="even")) as project:
        assert project.session("Ann").start() == Unit(2)


def mask(path: Path, value: int, width: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.zeros((30, width), np.uint8)
    values[5:9, 5:9] = value
    write_image(path, values)


def test_masks_become_proposals(folder: Path, tmp_path: Path) -> None:
    masks = tmp_path / "masks"
    mask(masks / "a.png", 1)
    mask(masks / "c.png", 0)
    mask(masks / "b.png", 1, width=50)
    mask(masks / "d.png", 1)
    heard = Listener()
    with open_label_project(folder, "review", masks=masks, progress=heard) as project:
        found = {one.path: one.labels for one in project.store.all_items()}
        assert {path: [label.annotation.mask for label in own] for path, own in found.items()} == {
            "a.png": ["a.png"], "b.png": [], "sub/c.png": ["c.png"],
        }  # fmt: skip
        assert found["a.png"][0].annotation.method == "masks"
        assert project.masks == masks
        assert project.session("Ann").start() == Unit(1, "mask")
    assert heard.lines == [
        "added 3 pictures",
        f"{masks / 'b.png'} is 50x30, its picture b.png is 40x30; it is left out",
        f"{masks / 'd.png'} has no picture of its name; it is left out",
        f"{masks}: 2 masks passed over: 1 of another size, 1 without a picture",
        f"{masks}: new masks that are all zero, so that they mark nothing: 1",
        "added 2 labels",
    ]
    again = Listener()
    with open_label_project(folder, "review", progress=again) as project:
        assert project.masks == masks
    with open_label_project(folder, "review", masks=masks, progress=again):
        pass
    assert again.lines == []
    (masks / "b.png").unlink()
    mask(masks / "b.png", 1)
    mask(masks / "e.png", 1)
    with open_label_project(folder, "review", masks=masks, progress=again) as project:
        assert len(project.store.items([2])[0].labels) == 1


def test_masks_that_belong_to_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    mask(tmp_path / "others" / "x.png", 1)
    for name, message in (
        ("empty", "no mask in it; it needs pictures with the pictures' names"),
        ("others", "no mask has the name of a picture, as x.png; name them alike"),
        ("none", "no such folder; check the name"),
    ):
        with (
            pytest.raises(InputError, match=message),
            open_label_project(folder, masks=tmp_path / name),
        ):
            pass


def test_stores_are_found_by_what_they_are_of(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no store of labels, which would be .*labels\.db"):
        find_store(folder)
    with open_label_project(folder):
        pass
    assert find_store(folder) == find_store(folder / "labels.db") == folder / "labels.db"
    assert find_store("postgresql://ann@host/labels") == "postgresql://ann@host/labels"
    one = picture(tmp_path / "one.png")
    with open_label_project(one):
        pass
    assert find_store(one) == tmp_path / "one.png.labels.db"
    with pytest.raises(InputError, match="no such file or folder"):
        find_store(tmp_path / "none")
