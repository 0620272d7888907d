"""Files of good/bad networks: what is written is read, and others are refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from closeup.annotations import Annotation, KeyPoint
from closeup.errors import ModelCorruptError, ModelError
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, ObjectCropper
from closeup.labelling.quality_file import INPUT, OUTPUTS, PROPERTY, CropKind, QualityFile
from closeup.labelling.quality_network import LabelQualityNetwork

SIZE = Size(24, 18)


def file_of(
    properties: dict[str, str] | None = None,
    shape: tuple[str | int, ...] = ("n", 18, 24, 4),
    *,
    summed: bool = True,
) -> bytes:
    """A network whose map is the mark channel: the more mark, the worse."""
    axes = helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3])
    last = helper.make_tensor("last", TensorProto.INT64, [1], [3])
    starts = helper.make_tensor("starts", TensorProto.INT64, [1], [3])
    ends = helper.make_tensor("ends", TensorProto.INT64, [1], [4])
    over = helper.make_tensor("over", TensorProto.INT64, [2], [1, 2])
    nodes = [
        helper.make_node("Cast", [INPUT], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["real", "starts", "ends", "last"], ["mark"]),
        helper.make_node("Squeeze", ["mark", "last"], ["map"]),
        helper.make_node("ReduceMean", ["map", "over"], ["logit"], keepdims=int(not summed)),
        helper.make_node("Sigmoid", ["logit"], ["bad"]),
    ]
    graph = helper.make_graph(
        nodes, "it",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in OUTPUTS],
        [axes, last, starts, ends, over],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    said = QualityFile(SIZE, "eye", 1.0).properties() if properties is None else properties
    onnx.helper.set_model_props(model, said)
    return bytes(model.SerializeToString())


def said(**changed: object) -> dict[str, str]:
    usual = json.loads(QualityFile(SIZE, "eye", 1.0).properties()[PROPERTY])
    return {PROPERTY: json.dumps({**usual, **changed})}


@pytest.mark.parametrize("count", [0, 1, 65])
def test_labels_are_judged_in_any_number(count: int) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (count, 18, 24, 4)).astype(np.uint8)
    quality = LabelQualityNetwork(file_of(), "it", 2.0).assess(crops)
    assert quality.bad.shape == (count,)
    assert quality.maps.shape == (count, 18, 24)
    assert np.allclose(quality.maps, crops[..., 3])
    assert np.allclose(quality.bad, 1 / (1 + np.exp(-quality.maps.mean(axis=(1, 2)))))


def test_one_label_of_a_picture() -> None:
    network = LabelQualityNetwork(file_of(), "it", 2.0)
    image = np.zeros((36, 48, 3), np.uint8)
    judged = network.assess_label(image, Annotation(points={"pupil": KeyPoint(24, 18)}))
    assert judged is not None
    assert 0.5 < judged.bad[0] < 1
    assert network.assess_label(image, Annotation(box=(1, 1, 5, 5))) is None


@pytest.mark.parametrize(
    ("kind", "width", "cropper"), [("eye", 2.0, EyeCropper), ("object", None, ObjectCropper)]
)
def test_each_kind_has_its_crops(
    kind: CropKind, width: float | None, cropper: type[EyeCropper] | type[ObjectCropper]
) -> None:
    opened = LabelQualityNetwork(file_of(said(kind=kind)), "it", width)
    assert isinstance(opened.cropper, cropper)
    assert opened.cropper.size == SIZE
    with pytest.raises(ModelError, match="closeup train quality"):
        LabelQualityNetwork(file_of(said(kind=kind)), "it", None if width else 2.0)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (file_of({}), "does not say that it judges labels"),
        (file_of({PROPERTY: "{"}), "does not say that it judges labels"),
        (file_of({PROPERTY: "[1]"}), "does not say that it judges labels"),
        (file_of(said(task="faces")), "does not say that it judges labels"),
        (file_of(said(version=2)), "version 2"),
        (file_of(said(kind="car")), "damaged"),
        (file_of(said(width="wide")), "damaged"),
        (file_of(shape=("n", 18, 24, 5)), "damaged"),
        (file_of(shape=("n", "h", "w", 4)), "damaged"),
    ],
)
def test_other_files_are_refused(file: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        LabelQualityNetwork(file, "my.onnx", 2.0)


def test_a_file_that_is_no_network() -> None:
    with pytest.raises(ModelCorruptError, match=r"my\.onnx"):
        LabelQualityNetwork(b"no network", "my.onnx", 2.0)


def test_outputs_of_another_shape_are_refused() -> None:
    network = LabelQualityNetwork(file_of(summed=False), "my.onnx", 2.0)
    with pytest.raises(ModelError, match=r"my\.onnx: its outputs"):
        network.assess(np.zeros((2, 18, 24, 4), np.uint8))
    with pytest.raises(ModelError, match="cannot judge crops"):
        network.assess(np.zeros((2, 9, 9, 4), np.uint8))


def test_what_training_writes_is_read(tmp_path: Path) -> None:
    from closeup.training.label_quality.export import export
    from closeup.training.label_quality.network import QualityCnn, QualityShape

    torch.manual_seed(0)
    network = QualityCnn(QualityShape(Size(32, 24), (4, 8, 8)))
    path = tmp_path / "my.onnx"
    export(network, "object", 1.5, path)
    opened = LabelQualityNetwork(path.read_bytes(), str(path))
    assert opened.cropper == ObjectCropper(Size(32, 24), 1.5)
    crops = np.random.default_rng(0).integers(0, 256, (3, 24, 32, 4)).astype(np.uint8)
    quality = opened.assess(crops)
    logits = np.log(quality.bad / (1 - quality.bad))
    constant = logits - quality.maps.mean(axis=(1, 2))
    assert np.ptp(constant) < 1e-3  # the mean of a map, plus a constant, is the logit
