"""CSV tables as people and spreadsheets save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.files.tables import read_table


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def numbers(path: Path) -> list[tuple[str, float | None, int | None]]:
    read = read_table(path, "image")
    read.need(["image", "x", "n"])
    image, x, n = (read.columns[name] for name in ("image", "x", "n"))
    return [(row.cells[image], row.number(x, "x"), row.whole(n, "n")) for row in read]


EXPECTED = [("a, b.jpg", 1.5, 2), ("ü.jpg", None, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "text",
    [
        'image,x,n\n"a, b.jpg",1.5,2\nü.jpg,,\n',
        'n,note,x,image\r\n2,"two\r\nlines",1.5,"a, b.jpg"\r\n\r\n,,,ü.jpg\r\n',
        "image;x;n\r\na, b.jpg;1,5;2\r\nü.jpg;;\r\n",
        "image;x;n\r\na, b.jpg;1.5;2\r\nü.jpg;;\r\n",
        "sep=;\r\nimage;x;n;;\r\na, b.jpg;1,5;2,0;;\r\nü.jpg;;;;\r\n;;;;\r\n",
        "image\tx\tn\na, b.jpg\t1,5\t2\nü.jpg\t\t\n",
        '\n image , x , n \n"a, b.jpg", 1.5 , 2.0 \nü.jpg,, ,\n',
        'image,x,n\r"a, b.jpg",1.5,2\rü.jpg,,\r',
        'note,note,image,x,n\na,b,"a, b.jpg",1.5,2\n,,ü.jpg,,\n',
    ],
)
def test_a_table_may_be_written_in_many_ways(tmp_path: Path, text: str, encoding: str) -> None:
    assert numbers(table(tmp_path, text, encoding)) == EXPECTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column called image in its first line; the first is ''"),
        ("name,x\n", "the first is 'name'"),
        ("image,n\n", "no column called x in its first line; add it"),
        ("image,x,n,x\n", "the column x is there twice; keep one"),
        ("image,x,n\na,1\n", "line 2: 2 cells in 3 columns"),
        ("image,x,n\n\na,1,2,3\n", "line 3: 4 cells in 3 columns"),
        ("image,x,n\na,1,2.5\n", "line 2, n: '2.5' is not a whole number"),
        ("image,x,n\na,1.234,5,2\n", "line 2: 4 cells in 3 columns"),
        ('image,x,n\na,"1,5",2\n', "line 2, x: '1,5' is not a finite number"),
        ("image;x;n\na;1,5;2\nb;1.5;2\n", "line 2, x: '1,5' is not a finite number"),
        ("image;x;n\na;1.234,5;2\n", "line 2, x: '1.234,5' is not a finite number"),
        ('image,x,n\n"a,1,2\n', "line 2: unexpected end of data"),
        (f"image,x,n\n{'a' * 200_000},1,2\n", "line 2: field larger than field limit"),
    ],
)
def test_a_bad_table_is_named_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(InputError) as caught:
        numbers(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
