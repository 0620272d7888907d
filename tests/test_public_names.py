from __future__ import annotations

import closeup


def test_public_names_are_sorted_and_real() -> None:
    assert closeup.__all__ == sorted(closeup.__all__)
    for name in closeup.__all__:
        assert getattr(closeup, name).__doc__
