"""Validation of a pupil network on held-out eyes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.pupils.network_file import OUTPUTS
from closeup.training.pupils.augmentation import EyeBatch, PupilAugmentation, augmented, plain
from closeup.training.pupils.losses import known_points, point_errors
from closeup.training.pupils.network import EyeAnswer, EyeInput
from closeup.training.rng import TensorRng

LIMITS = (0.05, 0.1)
"""Eye distances; the first is about the radius of an iris."""

_BATCH = 256
_HIDING_SEED = 999_983
"""A fixed seed, so that held-out eyes are always hidden in the same way."""


class PupilValidation:
    """Evaluates networks on held-out eyes, unchanged and occluded.

    Args:
        eyes: The held-out eyes with their labels.
        faces: (n,) number of the face of each eye; the worse eye of a face counts.
        given: The crops that networks take.

    """

    def __init__(self, eyes: EyeBatch, faces: NDArray[np.integer], given: EyeInput) -> None:
        self.eyes = eyes
        self._given = given
        self._seen = plain(eyes, given)
        hiding = PupilAugmentation(hidden=1, rims=0)
        self._hidden = augmented(eyes, given, hiding, TensorRng(_HIDING_SEED))["eyes"]
        known = known_points(self._seen["points"])[:, given.pupil].numpy()
        _, self._faces = np.unique(faces[known], return_inverse=True)

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures of a :class:`PupilNetwork`, which is left in evaluation mode.

        Returns:
            ``e_0.05`` and ``e_0.10``, the share of faces with both pupils within 0.05 and 0.10
            eye distances; ``mean_error`` of a pupil in eye distances and
            ``mean_error_pixels`` in pixels of the network's crop; ``corner_error`` of a
            network of three points, in eye distances; ``openness_error``, the mean absolute
            error; ``seen`` and ``hidden_seen``, the shares of the unchanged and of the
            occluded eyes that are predicted visible. A figure without labels is left out.

        """
        network.eval()
        answer = _answers(network, self._seen["eyes"])
        errors = point_errors(answer.points, self._seen["points"], self._given)
        known = known_points(self._seen["points"])
        pupil = self._given.pupil
        figures = self._pupil_figures(errors[:, pupil][known[:, pupil]])
        corners = [index for index in range(self._given.points) if index != pupil]
        if (of_corners := known[:, corners]).any():
            figures["corner_error"] = float(errors[:, corners][of_corners].mean())
        truth = self.eyes.openness
        if (labelled := torch.isfinite(truth)).any():
            away = (answer.openness.sigmoid() - truth)[labelled]
            figures["openness_error"] = float(away.abs().mean())
        hidden = _answers(network, self._hidden)
        figures["seen"] = float((answer.visible > 0).float().mean())
        figures["hidden_seen"] = float((hidden.visible > 0).float().mean())
        return figures

    def _pupil_figures(self, errors: Tensor) -> dict[str, float]:
        if not len(errors):
            return {}
        worse = np.zeros(self._faces.max() + 1)
        np.maximum.at(worse, self._faces, errors.double().numpy())
        mean = float(errors.mean())
        within = {f"e_{limit:.2f}": float((worse <= limit).mean()) for limit in LIMITS}
        return {**within, "mean_error": mean, "mean_error_pixels": mean * self._given.unit}


@torch.no_grad()
def _answers(network: nn.Module, eyes: Tensor) -> EyeAnswer:
    """Outputs for many crops, on the CPU."""
    device = next(network.parameters()).device
    parts = [network(some.to(device)) for some in torch.split(eyes, _BATCH)]
    known = (part[: len(OUTPUTS)] for part in parts)
    return EyeAnswer(*(torch.cat(values).float().cpu() for values in zip(*known, strict=True)))
