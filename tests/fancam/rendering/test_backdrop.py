from __future__ import annotations

from closeup.fancam.rendering.backdrop import fill_backdrop
from closeup.geometry import Size
from tests.stage_drawing import canvas


def test_the_fill_is_blurred_and_keeps_its_colour() -> None:
    source, target = canvas(Size(320, 180)), canvas(Size(90, 160))
    source.y[:, ::2], source.u[:], source.v[:] = 255, 90, 180
    fill_backdrop(source, target)
    assert int(target.y.max()) - int(target.y.min()) < 12
    assert target.y.max() < 128
    assert 90 < target.u.min() <= target.u.max() < 128 < target.v.min() <= target.v.max() < 180
