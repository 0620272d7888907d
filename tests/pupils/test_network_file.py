from __future__ import annotations

import math
from typing import Any

import pytest
from onnx import TensorProto

from closeup.errors import ModelError
from closeup.geometry import Size
from closeup.models.sessions import Network
from closeup.pupils.network_file import NetworkFile, described
from tests.pupil_networks import SAID, SAID_OF_THREE, constant_network


def told(**form: Any) -> NetworkFile:
    return described(Network(constant_network(**form), "eyes.onnx"), "eyes.onnx")


def refusal(**form: Any) -> str:
    with pytest.raises(ModelError) as caught:
        told(**form)
    message = str(caught.value)
    assert "eyes.onnx" in message
    assert "\n" not in message
    return message


def test_a_file_says_what_it_reads() -> None:
    assert told() == NetworkFile(Size(64, 48), 1.2, 1)
    three = told(said={**SAID_OF_THREE, "width": 1}, shape=("n", 40, 50), points=[(0, 0)] * 3)
    assert three == NetworkFile(Size(50, 40), 1.0, 3)


@pytest.mark.parametrize("distance", [1.0, 6.5, 40.0, 1000.0])
@pytest.mark.parametrize(("width", "size"), [(1.2, Size(64, 48)), (0.9, Size(51, 37))])
def test_crops_have_its_size_whatever_that_of_the_eyes(
    width: float, size: Size, distance: float
) -> None:
    shape = NetworkFile(size, width, 1).shape
    assert shape.size(distance) == size
    assert shape.unit * shape.width == pytest.approx(size.width)
    assert shape.unit * shape.height == pytest.approx(size.height)


@pytest.mark.parametrize("said", [None, "rubbish", "[]", "3", ""])
def test_a_file_that_says_nothing_of_itself(said: str | None) -> None:
    assert "closeup train pupils" in refusal(said=said)


def test_a_file_for_something_else() -> None:
    assert "is a network for faces, not for pupils" in refusal(said={**SAID, "task": "faces"})
    assert "is a network for None" in refusal(said={})


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_file_of_another_version(version: object) -> None:
    assert f"of version {version}" in refusal(said={**SAID, "version": version})


@pytest.mark.parametrize("width", [0, -1.2, "1.2", None, True, 11, math.nan, math.inf])
def test_a_width_that_no_crop_has(width: object) -> None:
    assert "eye distances wide" in refusal(said={**SAID, "width": width})


@pytest.mark.parametrize("points", [None, [], "pupil", ["nose"], ["pupil"] * 3])
def test_points_that_are_not_known(points: object) -> None:
    assert "known are pupil or left corner, pupil, right corner" in refusal(
        said={**SAID, "points": points}
    )


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("images", ("n", 48, 64)),
        ("eyes", (1, 48, 64)),
        ("eyes", ("n", "h", "w")),
        ("eyes", ("n", 48, "w")),
        ("eyes", ("n", 1, 48, 64)),
        ("eyes", ("n",)),
    ],
)
def test_an_input_of_another_form(name: str, shape: tuple[int | str, ...]) -> None:
    assert "reads 'eyes' of (n, H, W)" in refusal(
        input_name=name, shape=shape, dtype=TensorProto.UINT8
    )


@pytest.mark.parametrize("missing", ["points", "openness", "visible", "spread"])
def test_a_missing_output_is_named(missing: str) -> None:
    names = {"points", "openness", "visible", "spread"} - {missing}
    assert f"no output '{missing}'" in refusal(outputs=sorted(names))
