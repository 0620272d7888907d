"""``closeup labels …``: what the commands print, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.formats.annotation_formats import ANNOTATION_FORMATS
from closeup.geometry import Size
from closeup.store.database import open_database
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from tests.command_line import closeup, full_disk
from tests.pipeline.labelling.test_label_sources import picture

TRUE, FALSE = LabelVerdict.TRUE, LabelVerdict.FALSE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, and labels for them in a COCO file beside."""
    for name in ("a.png", "b.png"):
        picture(tmp_path / "pictures" / name)
    boxes = (Annotation("Ann", (1, 2, 11, 12)), Annotation("Bob", (20, 2, 60, 12)))
    pictures = (AnnotatedPicture("a.png", None, Size(40, 30), boxes),)
    schema = LabelSchema(classes=("Ann", "Bob"), box=True)
    ANNOTATION_FORMATS["coco"].write(tmp_path / "coco.json", AnnotationSet(pictures, schema))
    return tmp_path / "pictures"


@pytest.fixture
def filled(folder: Path) -> Path:
    assert closeup("labels", "import", folder, folder.parent / "coco.json").returncode == 0
    return folder


def work(folder: Path, *changes: LabelChange, author: str = "Eve", layer: str = "") -> None:
    database = open_database(folder / "labels.db")
    LabelStore(database).write(changes, author, layer=layer)
    database.close()


def keys(folder: Path) -> list[str]:
    database = open_database(folder / "labels.db")
    found = [label.object for label in LabelStore(database).items([1])[0].labels]
    database.close()
    return found


def test_import(folder: Path) -> None:
    file = folder.parent / "coco.json"
    ran = closeup("labels", "import", folder, file, "--format", "coco", "--origin", "coarse")
    assert ran.stderr.splitlines() == ["added 2 pictures", "added 2 labels"]
    again = closeup("labels", "import", folder, file, "--origin", "coarse")
    assert again.stderr.splitlines() == ["nothing to add: all of it is in the store"]
    ran = closeup("labels", "stats", folder / "labels.db")
    assert "coarse coco.json: 2 labels" in ran.stdout.splitlines()


def test_a_corrupt_file_is_refused_and_the_store_untouched(filled: Path) -> None:
    before = (filled / "labels.db").read_bytes()
    bad = filled.parent / "bad.json"
    bad.write_text('{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"id"')
    ran = closeup("labels", "import", filled, bad, "--format", "coco")
    assert ran.returncode == 2
    assert str(bad) in ran.stderr.splitlines()[-1]
    assert (filled / "labels.db").read_bytes() == before


def test_a_full_disk(folder: Path) -> None:
    file = folder.parent / "coco.json"
    ran = closeup("labels", "import", folder, file, how=full_disk(30_000))
    assert ran.returncode == 2
    assert "nothing that was saved is lost" in ran.stderr.splitlines()[-1]
    again = closeup("labels", "import", folder, file)
    assert again.stderr.splitlines()[-1] == "added 2 labels"


def test_export_warns_of_what_is_lost(filled: Path) -> None:
    first, second = keys(filled)
    work(
        filled,
        LabelChange.of_verdict("1", 1, TRUE, first),
        LabelChange.of_verdict("2", 1, FALSE, second),
    )
    out = filled.parent / "out.json"
    ran = closeup("labels", "export", filled, "--format", "coco", "--out", out)
    assert ran.returncode == 0
    assert ran.stdout == f"{out}\n"
    assert ran.stderr.splitlines()[-1] == "1 label of 1 picture; 1 left out, see --only"
    ran = closeup("labels", "export", filled, "--format", "yolo", "--out", filled.parent / "yolo")
    warnings = [line for line in ran.stderr.splitlines() if line.startswith("warning: ")]
    assert "warning: YOLO cannot carry verdicts: 1 lost" in warnings
    written = json.loads(out.read_text())
    assert [one["name"] for one in written["categories"]] == ["Ann", "Bob"]


def test_check_and_queues(filled: Path) -> None:
    ran = closeup("labels", "check", filled)
    (line,) = ran.stdout.splitlines()
    assert line.endswith("the box is 20.5 pixels out of the picture")
    assert ran.stderr.splitlines()[-2:] == [
        "     1 × outside",
        f"1 suspicious label; go through them: closeup review {filled} --queue suspicious",
    ]
    assert closeup("labels", "queues", filled).stdout == "suspicious: 0 of 1 decided\n"
    work(filled, LabelChange.of_verdict("1", 1, FALSE, keys(filled)[1]))
    assert closeup("labels", "queues", filled).stdout == "suspicious: 1 of 1 decided\n"
    ran = closeup("labels", "check", filled, "--no-pixels", "--json")
    assert json.loads(ran.stdout) == []
    assert ran.stderr.splitlines()[-1] == "nothing suspicious"


def test_stats(filled: Path) -> None:
    first, second = keys(filled)
    work(
        filled,
        LabelChange.of_verdict("1", 1, TRUE, first),
        LabelChange.of_verdict("2", 1, FALSE, second),
    )
    ran = closeup("labels", "stats", filled)
    assert ran.stdout.splitlines() == [
        "2 pictures, 0 complete",
        "imported coco.json: 2 labels; 1 false, 1 true: 50.0% true (9.5%–90.5%)",
        "Eve: 2 verdicts in 1 session",
    ]
    found = json.loads(closeup("labels", "stats", filled, "--json").stdout)
    assert found["methods"][0]["verdicts"] == {"true": 1, "false": 1}
    assert found["people"][0]["counts"] == {"verdict": 2}


def test_agreement(filled: Path) -> None:
    first, second = keys(filled)
    for name, said in (("Ann", TRUE), ("Bob", FALSE)):
        changes = (
            LabelChange.of_verdict(f"1{name}", 1, TRUE, first),
            LabelChange.of_verdict(f"2{name}", 1, said, second),
        )
        work(filled, *changes, author=name, layer=name)
    ran = closeup("labels", "agreement", filled)
    summary, dispute = ran.stdout.splitlines()
    assert summary.startswith("Ann and Bob: 1 picture; 2 verdicts, kappa 0.00 ± ")
    assert dispute == f"a.png  {second}  Ann says true, Bob false"
    assert ran.stderr.splitlines()[-1] == (
        f"1 label to adjudicate: closeup label {filled} --queue adjudicate"
    )
    found = json.loads(closeup("labels", "agreement", filled, "--json").stdout)
    assert found["pairs"][0]["people"] == ["Ann", "Bob"]


def test_nobody_to_agree_with(filled: Path) -> None:
    ran = closeup("labels", "agreement", filled)
    assert ran.stderr.splitlines() == [
        "nobody labelled the same picture; give it to two with --overlap 2"
    ]


def test_merge(filled: Path) -> None:
    other = filled.parent / "other.db"
    other.write_bytes((filled / "labels.db").read_bytes())
    first, _ = keys(filled)
    label = Annotation("Ann", (2, 2, 9, 9), origin=Origin.PERSON)
    work(filled, LabelChange.of_label("mine", 1, first, label, base=1))
    database = open_database(other)
    LabelStore(database).write([LabelChange.of_label("theirs", 1, first, label, base=1)], "Bob")
    LabelStore(database).write([LabelChange.of_verdict("whole", 1, TRUE)], "Bob")
    database.close()
    ran = closeup("labels", "merge", filled, other)
    assert ran.stderr.splitlines() == [
        f"a.png: {first}: Bob came second; kept as a stale revision",
        "merged 2 revisions, 0 pictures; 1 conflict",
    ]
    again = closeup("labels", "merge", filled, other)
    assert again.stderr.splitlines() == ["merged 0 revisions, 0 pictures; 0 conflicts"]


def nothing(_: Path) -> None:
    """There is no store."""


def something_else(folder: Path) -> None:
    (folder / "labels.db").write_bytes(b"no database at all" * 100)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (nothing, "there is no store of labels, which would be"),
        (something_else, ".db: it is no store of labels; choose another place with --store"),
    ],
)
@pytest.mark.parametrize("command", ["check", "stats", "queues", "agreement", "merge", "export"])
def test_stores_that_cannot_be_used(
    command: str, prepare: Callable[[Path], None], message: str, folder: Path
) -> None:
    prepare(folder)
    (folder.parent / "other.db").write_bytes(b"no database at all" * 100)
    more: dict[str, list[str | Path]] = {
        "merge": [folder.parent / "other.db"],
        "export": ["--format", "coco", "--out", folder.parent / "out.json"],
    }
    ran = closeup("labels", command, folder, *more.get(command, []))
    assert ran.returncode == 2
    assert message in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stats", "none"], "none: no such file or folder; check the name"),
        (["import", "pictures", "none.json"], "none.json: no such file or folder"),
        (["import", "pictures", "coco.json", "--format", "xls"], "no format of annotations is"),
        (["import", "pictures", "note.txt"], "note.txt is in no known format of annotations; name"),
        (["export", "pictures", "--format", "xls", "--out", "x"], "no format of annotations is"),
        (["export", "pictures", "--format", "coco", "--out", "x"], "there is no store of labels"),
        (["merge", "pictures", "none.db"], "none.db: no such file or folder"),
    ],
)
def test_what_is_refused(
    arguments: list[str], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    Path("note.txt").write_text("nothing")
    ran = closeup("labels", *arguments)
    assert ran.returncode == 2
    assert message in ran.stderr.splitlines()[-1]
    assert not Path("x").exists()
