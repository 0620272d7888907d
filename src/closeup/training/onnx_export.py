"""Export of a torch module to ONNX, without paths of the machine that exported it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.files.atomic import replacing
from closeup.models.checksums import PROPERTY, UNKNOWN, with_checksum

LARGEST_DIFFERENCE = 1e-4
"""Largest accepted difference of the outputs of network and ONNX file, which are about 1."""

_OPSET = 18


def traced(
    module: nn.Module,
    given: Tensor,
    *,
    input_name: str,
    output_names: Sequence[str],
    free: Mapping[int, Any],
    properties: Mapping[str, str],
) -> bytes:
    """Export a module of one input as an ONNX file with embedded weights and a checksum.

    The exporter's notes, which give the source file and line of every node, are removed.

    Args:
        module: In evaluation mode, on the CPU.
        given: An example input; a dynamic dimension of size 1 would be taken for fixed.
        input_name: Name of the input.
        output_names: Names of the outputs.
        free: The dynamic dimensions of the input, by axis, as ``torch.export`` takes them.
        properties: The model's metadata properties.

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
    assert program is not None  # noqa: S101 - None only if a file name is given
    model: onnx.ModelProto = program.model_proto
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer, model.graph):
        part.doc_string = ""
        del part.metadata_props[:]
    del model.graph.value_info[:]
    onnx.helper.set_model_props(model, {**properties, PROPERTY: UNKNOWN})
    model.producer_name = "closeup"
    onnx.checker.check_model(model, full_check=True)
    return with_checksum(bytes(model.SerializeToString()))


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's remarks on packages that are not installed."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def example_pictures(count: int, side: int) -> Tensor:
    """Pictures (count, side, side, 3) uint8 on which a network and its file are compared.

    They have random colours at a few places, with smooth transitions.
    """
    coarse = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (count, 3, 5, 5)))
    fine = nn.functional.interpolate(coarse, (side, side), mode="bicubic")
    return fine.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def write_checked(path: Path, model: bytes, difference: float) -> None:
    """Write an ONNX file atomically, if its outputs agree with the network's.

    Args:
        path: The file; an existing one is replaced.
        model: Its content.
        difference: The largest measured difference between their outputs.

    Raises:
        TrainingError: the difference is not below :data:`LARGEST_DIFFERENCE`.
        OutputError: the file cannot be written.

    """
    check_difference(difference)
    with replacing(path) as temporary:
        temporary.write_bytes(model)


def check_difference(difference: float) -> None:
    """Refuse a file whose outputs differ from the network's; see :func:`write_checked`."""
    if not difference <= LARGEST_DIFFERENCE:
        raise TrainingError(
            f"the ONNX file differs from the network by {difference:.1e}, more than "
            f"{LARGEST_DIFFERENCE:g}; try another version of torch or of onnxruntime"
        )
