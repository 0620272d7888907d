from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from closeup.errors import InputError
from closeup.files.workfolder import WorkFolder

KEY: dict[str, Any] = {"photos": "c0ffee", "size": (64, 48), "limit": None, "method": "darkest"}


def folder(path: Path, version: int = 2, **changed: Any) -> WorkFolder:
    return WorkFolder(
        path,
        "work.json",
        {**KEY, **changed},
        fingerprints={"photos": "other photos"},
        version=version,
        foreign=("labels.csv", "parts/1"),
    )


def test_nothing_is_written_before_the_job_begins(tmp_path: Path) -> None:
    assert folder(tmp_path / "new").earlier() is None
    assert not (tmp_path / "new").exists()


def test_a_job_is_taken_up_again(tmp_path: Path) -> None:
    begun = folder(tmp_path).write()
    assert folder(tmp_path).earlier() == begun
    finished = folder(tmp_path).write({"faces": 3})
    assert finished == {
        "version": 2,
        "key": {"photos": "c0ffee", "size": [64, 48], "limit": None, "method": "darkest"},
        "faces": 3,
    }
    assert folder(tmp_path).earlier() == finished


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"size": (32, 24)}, "size 64×48 instead of 32×24"),
        ({"photos": "bad"}, "other photos"),
        ({"limit": 3, "method": "contour"}, "limit none instead of 3, method darkest instead of c"),
        ({"every": 2}, "every none instead of 2"),
        ({"version": 3}, "version 2 instead of 3; "),
    ],
)
def test_another_job_is_refused_in_one_line(
    tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    folder(tmp_path).write()
    before = (tmp_path / "work.json").read_bytes()
    with pytest.raises(InputError) as caught:
        folder(tmp_path, **changed).earlier()
    assert str(caught.value).startswith(f"{tmp_path} was begun with {told}")
    assert str(caught.value).endswith(f"; choose another folder, or delete {tmp_path}")
    assert (tmp_path / "work.json").read_bytes() == before


def test_an_option_that_came_later_is_none_in_earlier_jobs(tmp_path: Path) -> None:
    folder(tmp_path).write()
    assert folder(tmp_path, new=None).earlier() is not None


@pytest.mark.parametrize("name", ["labels.csv", "parts/1"])
def test_a_folder_of_something_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=rf"holds {name} of something else.*; choose another"):
        folder(tmp_path).earlier()
    folder(tmp_path).write()
    assert folder(tmp_path).earlier()


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 2, "key": 1}', ""])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "work.json").write_text(content)
    with pytest.raises(InputError, match=r"work\.json is damaged or .*; choose another folder, or"):
        folder(tmp_path).earlier()


def test_manifests_of_early_versions_are_read(tmp_path: Path) -> None:
    """Those of trainings and experiments had no version, and their key's entries in the open."""
    options = {"epochs": 4, "seed": 1}
    key = {"fingerprint": "abc", "options": options}
    told = {"fingerprint": "abc", "options": {**options, "device": "cuda"}, "versions": {"x": "1"}}
    (tmp_path / "work.json").write_text(json.dumps(told))
    assert WorkFolder(tmp_path, "work.json", key).earlier() == told
    other = WorkFolder(tmp_path, "work.json", {**key, "options": {**options, "epochs": 8}})
    with pytest.raises(InputError, match="was begun with epochs 4 instead of 8; choose"):
        other.earlier()
    (tmp_path / "work.json").write_text(json.dumps({**told, "options": 3}))
    with pytest.raises(InputError, match=r"work\.json is damaged .*: 3 instead of options"):
        other.earlier()
