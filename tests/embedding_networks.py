"""Face embeddings as ONNX files with known distances, and people whom they tell apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from closeup.frames import RGBImage
from closeup.identity.onnx_embedder import PROPERTY
from closeup.media.images import encode_jpeg
from tests.onnx_files import described, onnx_file
from tests.real_photos import read_photo

DIMENSIONS = 512
_SIDE, _KERNEL = 112, 5
_CELLS = (_SIDE // _KERNEL) ** 2


@cache
def axes() -> NDArray[np.float32]:
    """(cells, 512) orthonormal rows: what they turn keeps its length and its distances."""
    random = np.random.default_rng(5).normal(size=(DIMENSIONS, _CELLS))
    return np.ascontiguousarray(np.linalg.qr(random)[0].T, np.float32)


def known_vectors(chips: list[RGBImage]) -> NDArray[np.float32]:
    """What :func:`grid_network` gives, reckoned by numpy: the light of each cell, less its mean."""
    grey = np.stack(chips).astype(np.float32).mean(axis=3)
    end = _SIDE // _KERNEL * _KERNEL
    cut = (grey[:, :end, :end] - 127.5) / 127.5
    split = cut.reshape(len(chips), end // _KERNEL, _KERNEL, end // _KERNEL, _KERNEL)
    cells = split.mean(axis=(2, 4)).reshape(len(chips), -1)
    turned = (cells - cells.mean(axis=1, keepdims=True)) @ axes()
    return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True), np.float32)


def grid_network(
    said: dict[str, Any] | str | None = None,
    *,
    batch: int | None = None,
    side: int | None = _SIDE,
    outputs: int = 1,
    rank: int = 2,
) -> bytes:
    """An ONNX file of a 512-D embedding: the picture's grey, coarsely, turned in space.

    Args:
        said: Its metadata; None leaves them out.
        batch: Chips that it reads at once, None for any number.
        side: That its input declares, None for any.
        outputs: How many it has.
        rank: Dimensions of the outputs.

    """
    constants = {
        "grey": np.full((1, 3, 1, 1), 1 / 3, np.float32),
        "axes": axes() if rank == 2 else axes()[None],
    }
    nodes = [
        helper.make_node("Conv", ["faces", "grey"], ["light"]),
        helper.make_node(
            "AveragePool", ["light"], ["pooled"], kernel_shape=[_KERNEL] * 2, strides=[_KERNEL] * 2
        ),
        helper.make_node("Flatten", ["pooled"], ["cells"]),
        helper.make_node("ReduceMean", ["cells"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["cells", "mean"], ["centred"]),
        *(helper.make_node("MatMul", ["centred", "axes"], [f"out{i}"]) for i in range(outputs)),
    ]
    size, edge = ("n" if batch is None else batch), ("side" if side is None else side)
    shape = [size, DIMENSIONS] if rank == 2 else [1, size, DIMENSIONS]
    graph = helper.make_graph(
        nodes,
        "grid",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, [size, 3, edge, edge])],
        [
            helper.make_tensor_value_info(f"out{i}", TensorProto.FLOAT, shape)
            for i in range(outputs)
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = onnx_file(graph, 13, described(PROPERTY, said))
    onnx.checker.check_model(model)
    return model


def write_people(shared_data: Path, folder: Path, count: int = 64, photos: int = 4) -> Path:
    """Write ``NAME/*.jpg``: people of LFW with one photo each, and variants of that photo.

    So any embedding that notices what a picture looks like tells them apart.
    """
    random = np.random.default_rng(0)
    sources = sorted((shared_data / "lfw" / "images").iterdir())
    for source in sources[:: len(sources) // count][:count]:
        photo = read_photo(next(iter(sorted(source.glob("*.jpg")))))
        (folder / source.name).mkdir(parents=True)
        for number in range(photos):
            jpeg = encode_jpeg(_variant(photo, random), 90)
            (folder / source.name / f"{number}.jpg").write_bytes(jpeg)
    return folder


def _variant(photo: RGBImage, random: np.random.Generator) -> RGBImage:
    """Turned, moved and lit a little otherwise."""
    height, width = photo.shape[:2]
    turn, scale = random.uniform(-6, 6), random.uniform(0.92, 1.05)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    step = np.pad(random.uniform(-6, 6, (2, 1)), ((0, 0), (2, 0)))
    moved = cv2.warpAffine(photo, matrix + step, (width, height), borderMode=cv2.BORDER_REPLICATE)
    lit = moved.astype(np.float32) * random.uniform(0.85, 1.15) + random.uniform(-12, 12)
    return np.clip(lit + random.normal(0, 3, lit.shape), 0, 255).astype(np.uint8)
