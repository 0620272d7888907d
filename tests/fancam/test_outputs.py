from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from closeup.fancam.outputs import Outputs

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True)


def stems(*names: str) -> list[str]:
    return [path.stem for path in Outputs(Path("out"), names).videos.values()]


@given(NAMES)
@example(["지" * 300, "지" * 299, "a" * 201, "a" * 200])
@example(["grid", "Grid", "preview", "GRID"])
@example([".", "..", " ", "/", "\\"])
@example(["straße", "STRASSE", "Straße 2"])
def test_every_name_has_a_file_of_its_own(names: list[str]) -> None:
    outputs = Outputs(Path("out"), names)
    assert list(outputs.videos) == names
    files = [path.name for path in (*outputs.videos.values(), outputs.grid, outputs.preview)]
    assert len({file.casefold() for file in files}) == len(files)
    for file in files:
        assert not set(file) & set('<>:"/\\|?*\n\0')
        assert not file.startswith((".", " "))
        assert len(f".{file}.part".encode()) <= 255


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Rosé 💃", "Rosé 💃"),
        ("ليلى", "ليلى"),
        ("AC/DC: live?", "AC_DC_ live_"),
        ("..", "_"),
        ("grid", "grid 2"),
    ],
)
def test_a_name_stays_as_it_is_where_it_can(name: str, stem: str) -> None:
    assert stems(name) == [stem]


def test_a_number_tells_names_apart_that_would_meet() -> None:
    assert stems("Ann", "ANN", "Ann 2", "a/b", "a?b") == ["Ann", "ANN 2", "Ann 2 2", "a_b", "a_b 2"]
