from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.errors import InputError
from closeup.formats.pts import read_pts, write_pts

GOOD = "version: 1\nn_points: 2\n{\n1.5 2\n-3 4e1\n}\n"


@given(
    points=st.integers(0, 70).flatmap(
        lambda count: arrays(np.float64, (count, 2), elements=st.floats(-1e4, 1e4))
    )
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, points: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("pts") / "a b.pts"
    write_pts(path, points)
    np.testing.assert_allclose(read_pts(path, len(points)), points, atol=1e-6)


@pytest.mark.parametrize("text", [GOOD, GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD + "\n\n"])
def test_line_ends_do_not_matter(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.pts"
    path.write_bytes(text.encode())
    assert read_pts(path).tolist() == [[1.5, 2], [-3, 40]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no line with { before the points"),
        ("n_points: 1\n{\n1 2\n", r"ends before the }"),
        ("version: 1\n{\n1 2\n}\n", r"no n_points:"),
        ("n_points: two\n{\n1 2\n}\n", r"line 1: 'n_points: two' states no number"),
        ("n_points: 2\n{\n1 2\n}\n", r"says n_points: 2, but has 1"),
        ("n_points: 1\n{\n1 2 3\n}\n", r"line 3: '1 2 3' is not an x and a y"),
        ("n_points: 1\n{\n1 nan\n}\n", r"line 3: 'nan' is not a finite number"),
        ("n_points: 1\n{\n1 x\n}\n", r"line 3: 'x' is not a finite number"),
    ],
)
def test_a_bad_file_is_named_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.pts"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_pts(path)
    assert str(path) in str(caught.value)


def test_another_count_is_another_set(tmp_path: Path) -> None:
    path = tmp_path / "a.pts"
    path.write_text(GOOD)
    with pytest.raises(InputError, match="has 2 points, not 68"):
        read_pts(path, 68)
