"""From a torch module to an ONNX network that tells nothing of the machine that made it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.files.atomic import replacing

LARGEST_DIFFERENCE = 1e-4
"""Between what a network says and what its file says, where both are about 1."""

_OPSET = 18


def traced(
    module: nn.Module,
    given: Tensor,
    *,
    input_name: str,
    output_names: Sequence[str],
    free: Mapping[int, Any],
    properties: Mapping[str, str],
) -> onnx.ModelProto:
    """Write a module of one input as ONNX, weights inside.

    The exporter's notes, which tell of every node from which line of which file it came, are
    left out.

    Args:
        module: In the mode for use, on the CPU.
        given: An input; a free dimension must not be 1 in it, or it is taken for fixed.
        input_name: What the input is called.
        output_names: What the outputs are called.
        free: The dimensions of the input that are free, as ``torch.export`` writes them.
        properties: What users of the file must know.

    """
    with _quiet():
        program = torch.onnx.export(
            module,
            (given,),
            dynamo=True,
            opset_version=_OPSET,
            input_names=[input_name],
            output_names=list(output_names),
            dynamic_shapes=(dict(free),),
            verbose=False,
        )
    assert program is not None  # noqa: S101 - it is, without a file's name
    model: onnx.ModelProto = program.model_proto
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer, model.graph):
        part.doc_string = ""
        del part.metadata_props[:]
    del model.graph.value_info[:]
    onnx.helper.set_model_props(model, dict(properties))
    model.producer_name = "closeup"
    onnx.checker.check_model(model, full_check=True)
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks on packages that are not there."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def write_checked(path: Path, model: bytes, difference: float) -> None:
    """Write an ONNX file, whole or not at all, that says what the network says.

    Args:
        path: Of the file; replaced.
        model: Its content.
        difference: Largest one between the two, as measured.

    Raises:
        TrainingError: the difference is not below :data:`LARGEST_DIFFERENCE`.
        OutputError: the file cannot be written.

    """
    if not difference <= LARGEST_DIFFERENCE:
        raise TrainingError(
            f"the ONNX file differs from the network by {difference:.1e}, more than "
            f"{LARGEST_DIFFERENCE:g}; try another version of torch or of onnxruntime"
        )
    with replacing(path) as temporary:
        temporary.write_bytes(model)
