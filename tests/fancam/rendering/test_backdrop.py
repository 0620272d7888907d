from __future__ import annotations

from closeup.fancam.rendering.backdrop import fill_backdrop
from closeup.geometry import Box, Size, whole
from tests.stage_drawing import canvas


def test_the_fill_is_blurred_and_keeps_its_colour() -> None:
    source, target = canvas(Size(320, 180)), canvas(Size(90, 160))
    source.y[:, ::2], source.u[:], source.v[:] = 255, 90, 180
    fill_backdrop(source, whole(source.size), target)
    assert int(target.y.max()) - int(target.y.min()) < 12
    assert target.y.max() < 128
    assert 90 < target.u.min() <= target.u.max() < 128 < target.v.min() <= target.v.max() < 180


def test_bars_are_no_part_of_the_fill() -> None:
    source, target = canvas(Size(320, 180)), canvas(Size(90, 160))
    source.y[30:150] = 200
    fill_backdrop(source, Box(-0.5, 29.5, 319.5, 149.5), target)
    assert int(target.y.max()) - int(target.y.min()) <= 1
    assert target.y.min() > 60
