"""Weights of a trained pupil network, to learn on from."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import torch

from closeup.atomic import replacing
from closeup.errors import InputError
from closeup.training.pupils.network import PupilNetwork

_KIND = "closeup pupil network"
_NOT_OURS = (KeyError, TypeError, ValueError, IndexError)


def save_weights(network: PupilNetwork, path: Path) -> None:
    """Write the weights of a network, whole or not at all.

    Raises:
        OutputError: the file cannot be written.

    """
    with replacing(path) as temporary:
        torch.save({"kind": _KIND, "weights": network.state_dict()}, temporary)


def load_weights(network: PupilNetwork, path: Path) -> None:
    """Give a network the weights of an earlier one of the same shape.

    Raises:
        InputError: the file is not there, damaged, of something else, or of a network of
            another shape; the first tensor that does not fit is named.

    """
    weights = _read(path)
    own = network.state_dict()
    for name in dict.fromkeys((*own, *weights)):
        theirs, ours = (
            str(tuple(some[name].shape)) if name in some else "nothing" for some in (weights, own)
        )
        if theirs != ours:
            raise InputError(
                f"{path} is of a network of another shape: {name} is {theirs} there and {ours} "
                "here; use the --backbone and --points that it was trained with"
            )
    network.load_state_dict(weights)


def _read(path: Path) -> dict[str, torch.Tensor]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{path} is not there; it lies in the folder of the training, such as "
            "model.training/weights.pt"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror or error}; check the name"
        ) from error
    try:
        # From memory: what is wrong with the content is no fault of the file system.
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        weights: dict[str, torch.Tensor] = found["weights"]
        known = found["kind"] == _KIND
    except (RuntimeError, OSError, pickle.UnpicklingError, EOFError, *_NOT_OURS):
        known = False
    if not known:
        raise InputError(
            f"{path} is damaged, or holds no weights of a pupil network; give the weights.pt of "
            "a training"
        )
    return weights
