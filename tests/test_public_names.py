from __future__ import annotations

import subprocess
import sys
from typing import assert_type

import pytest

import closeup
from closeup.geometry import Size


def test_public_names_are_sorted_and_real() -> None:
    names = dir(closeup)
    assert "find_faces" in names
    assert names == sorted(names)
    for name in names:
        assert getattr(closeup, name).__doc__


def test_type_checkers_know_what_a_name_is() -> None:
    assert_type(closeup.Size.parse("20x10"), Size)
    assert closeup.Size is Size


def test_a_star_import_brings_the_public_names() -> None:
    brought: dict[str, object] = {}
    exec("from closeup import *", brought)  # noqa: S102
    assert set(dir(closeup)) == set(brought) - {"__builtins__"}


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="No closeup attribute find_cats"):
        closeup.find_cats  # type: ignore[attr-defined]  # noqa: B018


def test_the_import_alone_loads_nothing_else() -> None:
    script = (
        "import closeup, sys; print([m for m in sys.modules if m.startswith('closeup.')], "
        "'numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[] False\n"
