from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.formats.lpw import read_pupils


def test_a_line_is_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "1.txt"
    path.write_bytes(b"326.5 240.25\r\n0 1\r\n\r\n")
    assert read_pupils(path).tolist() == [[326.5, 240.25], [0, 1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no point in it"),
        ("\n\n", "no point in it"),
        ("1 2\n\n3 4\n", "line 2: '' is not an x and a y"),
        ("1 2\n3\n", "line 2: '3' is not an x and a y"),
        ("1 2\n3 four\n", "line 2: 'four' is not a finite number"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "1.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_pupils(path)
    assert str(path) in str(caught.value)
