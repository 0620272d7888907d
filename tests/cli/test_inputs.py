from __future__ import annotations

from pathlib import Path

import pytest

from closeup.cli.inputs import need
from closeup.errors import InputError


def test_a_name_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        need(tmp_path, tmp_path / "none", kind="file")
    assert str(refused.value) == f"{tmp_path / 'none'}: no such file; check the name"


def test_the_rest_is_left_to_what_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    need(None, tmp_path, file, file / "below", tmp_path / ("x" * 300), Path("a\0b"))
