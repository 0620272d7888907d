import json
from pathlib import Path

import pytest

from closeup.errors import InputError, OutputError
from closeup.files.documents import read_document, write_document, write_table


def test_a_document_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    document = {"이름": "민지", "file": "a\udcff.jpg", "n": [1, 0.5]}
    write_document(path, document)
    assert read_document(path, dict, "delete it") == document
    text = path.read_text(encoding="utf-8")
    assert "민지" in text
    assert text.endswith("}\n")
    assert json.loads(text) == document


def test_a_checksum_is_read_and_compared(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    document = {
        "이름": "민지",
        "file": "a\udcff.jpg",
        "n": [1, 0.5],
        "key": {"b": (1, 2), "a": None},
    }
    write_document(path, document, checksum=True)
    assert read_document(path, dict, "delete it")["key"] == {"b": [1, 2], "a": None}
    text = path.read_text(encoding="utf-8")
    again = json.loads(text)
    assert list(again) == [*document, "sha256"]
    path.write_text(json.dumps(dict(reversed(again.items()))), encoding="utf-8")
    assert set(read_document(path, dict, "delete it")) == set(document)
    path.write_text(text.replace("0.5", "0.7"), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"does not match its sha256 \(after a change by hand, rem"
    ):
        read_document(path, dict, "delete it")
    del again["sha256"]
    path.write_text(json.dumps({**again, "n": 3}), encoding="utf-8")
    assert read_document(path, dict, "delete it")["n"] == 3


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}", encoding="utf-8-sig")
    assert read_document(tmp_path / "a.json", dict, "delete it") == {}


def test_what_json_does_not_know_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_document(tmp_path / "a.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose another folder"):
        write_document(tmp_path / "file" / "a.json", {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Expecting value"),
        ("{", "line 1: Expecting property name"),
        ('{"number": 1, "number": 2}', '"number" is there twice in one object'),
        ('{"number": 1e999}', "infinity"),
        ("[1, 2]", r"\[1, 2\] instead of an object"),
        ("\udcff", "line 1: not UTF-8 text"),
        ("[" * 100_000, "nested too deeply"),
        ("{}", "'number' is missing"),
        ('{"number": "x"}', "invalid literal"),
        ('{"number": []}', "not 'list'"),
    ],
)
def test_damage_is_told_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=rf"a\.json is damaged or .*: .*{reason}.*; make it anew$"):
        read_document(path, lambda document: int(document["number"]), "make it anew")


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.json: no such file; make it$"):
        read_document(tmp_path / "a.json", dict, "make it")
    with pytest.raises(InputError, match=r"cannot be read: Is a directory; make it$"):
        read_document(tmp_path, dict, "make it")


def test_cells_with_commas_are_quoted(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", [("a", "b"), (1, "x, y"), ("é", "")])
    assert (tmp_path / "a.csv").read_bytes() == 'a,b\n1,"x, y"\né,\n'.encode()
