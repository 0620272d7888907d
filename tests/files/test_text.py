"""Text of files, whatever an editor saved it as."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import closeup
from closeup.errors import InputError
from closeup.files.text import beginning, lines_of, read_number, read_text, read_whole

TEXTS = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]))
NO_LABELS = {"files/locks.py"}
"""Files that read only what they have written in the same place, such as a process number."""
SOURCE = Path(closeup.__file__).parent


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_byte_order_mark_tells_the_encoding(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(text.encode(encoding))
    assert read_text(path) == text


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("width", ["16", "32"])
def test_either_byte_order(tmp_path: Path, width: str, order: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffé\r\n".encode(f"utf-{width}-{order}"))
    assert read_text(path) == "é\r\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nJos\xe9\n", "line 2: not UTF-8 text; save it as UTF-8"),
        (b"\xff\xfea\0\n\0\x00\xd8", "line 2: not UTF-16 text; save it as UTF-8"),
        ("a\nb".encode("utf-16-le"), "line 1: holds a zero byte; save it as UTF-8"),
        (b"a\n\n\0", "line 3: holds a zero byte"),
    ],
)
def test_other_text_is_refused_by_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_text(path)
    assert str(caught.value).startswith(f"{path}, {message}")


def test_names_that_no_file_has(tmp_path: Path) -> None:
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(InputError, match="check"):
            read_text(tmp_path / name)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_end_in_three_ways_only(ends: str) -> None:
    assert lines_of(f"a\x85b{ends}\u2028c{ends}") == ["a\x85b", "\u2028c"]
    assert (lines_of(""), lines_of("a")) == ([], ["a"])


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1e999", "1_000", "two", "0x1", "1,5", "9" * 400]
)
def test_what_is_no_number(text: str) -> None:
    for read in (read_number, read_whole):
        with pytest.raises(
            InputError, match=r"here: .* is not a finite number; correct it"
        ) as caught:
            read(text, "here")
        assert len(str(caught.value)) < 150


def test_a_decimal_comma_is_read_where_it_belongs() -> None:
    assert read_number(" -1,5e1 ", "here", ",") == -15
    with pytest.raises(InputError, match=r"'1\.5' is not .* in a table with ',' for the decimal"):
        read_number("1.5", "here", ",")


def test_whole_numbers() -> None:
    assert [read_whole(text, "here") for text in ("007", " 3.0", "-2", "1" * 30)] == [
        7, 3, -2, int("1" * 30)
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"'0\.5' is not a whole number"):
        read_whole("0.5", "here")


def test_no_other_code_decodes_files() -> None:
    """So that all formats may begin with a byte order mark."""
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            call = node.func
            modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            reads = call.attr == "open" and any(word.arg == "encoding" for word in node.keywords)
            if call.attr == "read_text" or (reads and not {"w", "a+"} & set(modes)):
                found.append(path.relative_to(SOURCE).as_posix())
    assert set(found) <= NO_LABELS


def test_a_beginning_is_as_much_text_as_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(("é" * 50_000).encode("utf-16"))
    assert beginning(path, 101) == "é" * 49
    path.write_bytes(b"a\xffb")
    assert beginning(path) == "ab"
    assert beginning(tmp_path) == beginning(tmp_path / "gone") == beginning(tmp_path / "a\0") == ""
