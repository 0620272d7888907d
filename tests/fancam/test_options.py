from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from closeup.fancam.options import FancamOptions, Framing, Smoothing, Zoom
from closeup.geometry import Size


def test_the_defaults_are_those_of_the_command_line() -> None:
    options = FancamOptions()
    assert options.framing is Framing.AUTO
    assert options.zoom is Zoom.FOLLOW
    assert options.smooth is Smoothing.L1
    assert options.absent is None
    assert options.size is None
    assert options.rotate == 0
    assert (options.max_gap, options.every) == (1.0, None)
    assert options.video
    assert options.appearance
    assert not options.grid
    assert not options.preview
    assert not options.adapt


@pytest.mark.parametrize(
    ("source", "size"),
    [
        (Size(1920, 1080), Size(606, 1080)),
        (Size(640, 360), Size(202, 360)),
        (Size(1081, 1921), Size(1080, 1920)),
        (Size(3840, 2160), Size(1080, 1920)),
        (Size(2160, 3840), Size(1080, 1920)),
        (Size(3, 2), Size(16, 16)),
    ],
)
def test_the_default_size_is_nine_to_sixteen_at_the_sources_height_up_to_a_limit(
    source: Size, size: Size
) -> None:
    assert FancamOptions().output_size(source) == size


@given(st.builds(Size, st.integers(1, 9000), st.integers(1, 9000)))
def test_the_default_size_can_be_encoded(source: Size) -> None:
    size = FancamOptions().output_size(source)
    assert FancamOptions(size=size).output_size(source) == size
    assert size.width <= 1080
    if source.height >= 40:
        assert size.height in (source.height, source.height - 1, 1920)
        assert size.height <= 1920
        assert abs(size.width - size.height * 9 / 16) < 2


@given(st.builds(Size, st.integers(1, 20000), st.integers(1, 20000)))
def test_the_size_of_the_source_is_its_height_as_far_as_it_can_be_encoded(source: Size) -> None:
    size = FancamOptions(size="source").output_size(source)
    assert FancamOptions(size=size).output_size(source) == size
    if source.height >= 40:
        assert size.height in (source.height, source.height - 1, 16384)
        assert abs(size.width - size.height * 9 / 16) < 2


@pytest.mark.parametrize(
    ("source", "size", "larger"),
    [
        (Size(1920, 1080), None, None),
        (Size(1080, 1920), None, None),
        (Size(3840, 2160), None, Size(1214, 2160)),
        (Size(2160, 3840), None, Size(2160, 3840)),
        (Size(2160, 3840), "source", None),
        (Size(2160, 3840), Size(200, 630), None),
    ],
)
def test_a_reduced_size_is_known(
    source: Size, size: Size | str | None, larger: Size | None
) -> None:
    assert FancamOptions(size=size).larger_size(source) == larger


def test_a_given_size_is_kept() -> None:
    size = Size.parse("200x630")
    for given_size in (size, "200x630", tuple(size)):
        options = FancamOptions(size=given_size)  # type: ignore[arg-type]
        assert options.output_size(Size(1920, 1080)) == size


def test_plain_text_names_a_choice() -> None:
    options = FancamOptions(framing="body", smooth="moving-average")  # type: ignore[arg-type]
    assert options.framing is Framing.BODY
    assert options.smooth is Smoothing.MOVING_AVERAGE


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": Size(201, 630)}, "take 200x630"),
        ({"size": Size(2, 630)}, "take 16x630"),
        ({"size": "huge"}, "cannot read 'huge' as a size"),
        ({"rotate": 45}, "rotate is 45; give 90, 180 or 270 degrees clockwise"),
        ({"framing": None}, "framing is None; choose one of"),
        ({"max_gap": -1.0}, "max_gap is -1.0; give seconds, 0 or more"),
        ({"max_gap": math.nan}, "max_gap is nan"),
        ({"max_gap": math.inf}, "max_gap is inf"),
        ({"every": 0}, "every is 0; give 1 or more"),
        ({"start": Fraction(-1)}, "start is -1 s"),
        ({"end": Fraction(0)}, "end 0 s is not after start 0 s"),
        ({"start": Fraction(5, 2), "end": Fraction(2)}, "end 2 s is not after start 2.5 s"),
        ({"framing": "knees"}, "framing is 'knees'; choose one of auto, face, bust, body"),
    ],
)
def test_what_cannot_be_followed_is_said_in_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        FancamOptions(**wrong)
    assert "\n" not in str(caught.value)
