import json
from pathlib import Path

import pytest

from closeup.errors import OutputError
from closeup.pipeline.people.cluster_files import files_of_earlier_run, replace_results
from closeup.pipeline.people.clusters import DOCUMENT, SHEET, UNFINISHED, People, Person, SeenFace


def people(*groups: tuple[str, ...]) -> People:
    """Groups of the files named."""
    found = [
        Person(n, tuple(SeenFace("v.mp4", 0, 0.0, (0, 0, 9, 9), 1, f) for f in files))
        for n, files in enumerate(groups, 1)
    ]
    return People("v.mp4", "dlib-128", 1, tuple(found), (), ())


def fresh(folder: Path, names: list[str]) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    made = {}
    for number, name in enumerate(names):
        made[name] = folder / f"{number}"
        made[name].write_text(f"new {name}")
    return made


def put(out: Path, *groups: tuple[str, ...]) -> None:
    found = people(*groups)
    sheet = [SHEET] if groups else []
    replace_results(out, found, fresh(out / ".new", [*found.files, *sheet]))
    (out / ".new").rmdir()


def files(out: Path) -> list[str]:
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())


ONE, TWO, THREE = "person-001/a.jpg", "person-001/b.jpg", "person-002/c.jpg"


def test_a_second_run_takes_the_place_of_the_first(tmp_path: Path) -> None:
    put(tmp_path, (ONE, TWO), (THREE,))
    assert files(tmp_path) == sorted([DOCUMENT, SHEET, ONE, TWO, THREE])
    put(tmp_path, (TWO,))
    assert files(tmp_path) == sorted([DOCUMENT, SHEET, TWO])
    assert not (tmp_path / "person-002").exists()
    put(tmp_path)
    assert files(tmp_path) == [DOCUMENT]


def test_what_somebody_else_made_stays(tmp_path: Path) -> None:
    put(tmp_path, (ONE,), (THREE,))
    for name in ("person-002/mine.jpg", "person-003/a.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    put(tmp_path, (TWO,))
    kept = ["person-002/mine.jpg", "person-003/a.jpg", "notes.txt"]
    assert files(tmp_path) == sorted([DOCUMENT, SHEET, TWO, *kept])
    assert {(tmp_path / name).read_text() for name in kept} == {"mine"}


def test_an_interrupted_run_is_tidied_up_by_the_next(tmp_path: Path) -> None:
    put(tmp_path, (ONE, TWO))
    found = people((ONE,), (THREE,))
    gone = {ONE: tmp_path / "was never written"}
    with pytest.raises(OutputError, match="cannot write"):
        replace_results(tmp_path, found, gone)
    assert UNFINISHED in json.loads((tmp_path / DOCUMENT).read_text())
    (tmp_path / TWO).write_text("could not be taken away")
    assert files_of_earlier_run(tmp_path) >= {ONE, TWO, THREE}
    put(tmp_path, (THREE,))
    assert files(tmp_path) == sorted([DOCUMENT, SHEET, THREE])


def test_a_damaged_list_leaves_everything(tmp_path: Path) -> None:
    put(tmp_path, (ONE,))
    (tmp_path / DOCUMENT).write_text("{")
    before = files(tmp_path)
    with pytest.raises(OutputError, match="is damaged"):
        files_of_earlier_run(tmp_path)
    assert files(tmp_path) == before
