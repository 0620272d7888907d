"""ResNet-50 as a feature extractor, with a dense head: transfer learning for little data.

He et al. 2016, "Deep residual learning for image recognition", as implemented in Hugging
Face's ``transformers``, with weights trained on ImageNet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetModel
from transformers.utils import logging as transformers_logging

from closeup.errors import InputError
from closeup.progress import Progress
from closeup.training.pupils.compact import as_spread
from closeup.training.pupils.network import EyeAnswer, EyeInput, PupilNetwork

NAME = "microsoft/resnet-50"
"""Weights on Hugging Face's hub; Apache-2.0."""

NO_WEIGHTS = "none"

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet's RGB values, where white is 1."""


@dataclass(frozen=True, slots=True)
class BackboneShape:
    """Shape of the head on a backbone.

    Attributes:
        features: Width of its hidden layer.

    """

    features: int = 128


class BackboneNetwork(PupilNetwork):
    """A ResNet as feature extractor, and a dense head with a sigmoid for coordinates.

    Args:
        given: The crops that the network takes.
        backbone: The ResNet.
        freeze: Keep the backbone's weights; only the head is trained.
        shape: Shape of the head; None: the default shape.

    """

    def __init__(
        self,
        given: EyeInput,
        backbone: ResNetModel,
        *,
        freeze: bool = False,
        shape: BackboneShape | None = None,
    ) -> None:
        super().__init__(given)
        shape = shape or BackboneShape()
        self.backbone = backbone
        self._freeze = freeze
        if freeze:
            backbone.requires_grad_(False)
        for name, values in (("mean", _MEAN), ("deviation", _DEVIATION)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        with torch.no_grad():
            crop = torch.zeros(1, given.size.height, given.size.width)
            channels, rows, columns = self._seen(crop).shape[1:]
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * rows * columns, shape.features),
            nn.ReLU(),
        )
        self.points = nn.Linear(shape.features, 2 * given.points)
        self.tell = nn.Linear(shape.features, 2)
        self.doubt = nn.Linear(shape.features, 1)

    def forward(self, eyes: Tensor) -> EyeAnswer:
        """See :meth:`PupilNetwork.forward`."""
        features = self.head(self._seen(eyes))
        points = self.points(features).sigmoid().reshape(-1, self.given.points, 2)
        openness, visible = self.tell(features).unbind(1)
        spread = as_spread(self.doubt(features.detach())[:, 0])
        return EyeAnswer(points, openness, visible, spread, features=features)

    def train(self, mode: bool = True) -> BackboneNetwork:
        """Set the mode; a frozen backbone stays in evaluation mode and keeps its statistics."""
        super().train(mode)
        if self._freeze:
            self.backbone.train(False)
        return self

    def _seen(self, eyes: Tensor) -> Tensor:
        """Features (n, channels, rows, columns)."""
        colours = (eyes.float() / 255)[:, None].expand(-1, 3, -1, -1)
        mean, deviation = self.get_buffer("mean"), self.get_buffer("deviation")
        features: Tensor = self.backbone((colours - mean) / deviation).last_hidden_state
        return features


def open_backbone(
    weights: str | None, progress: Progress, config: ResNetConfig | None = None
) -> ResNetModel:
    """A ResNet with weights from this machine; nothing is downloaded.

    Args:
        weights: A folder with ``config.json`` and ``model.safetensors``; the name of a
            repository of the hub that was fetched before; ``none`` for random weights; None
            for :data:`NAME` if it was fetched before, else random weights.
        progress: Receives a message if the weights are random.
        config: Configuration of a network with random weights; None: ResNet-50.

    Raises:
        InputError: the weights are missing, damaged, or not of a ResNet.

    """
    if weights != NO_WEIGHTS:
        try:
            return _read(weights or NAME)
        except InputError:
            if weights is not None:
                raise
    progress.say(
        "the ResNet starts with random weights; to start with those of ImageNet, run: "
        f"hf download {NAME} --local-dir resnet50, then --weights resnet50"
    )
    return ResNetModel(config or ResNetConfig())


def _read(weights: str) -> ResNetModel:
    read: Any = ResNetModel.from_pretrained  # its type hints omit the loading info
    try:
        with _quiet():
            network, info = read(weights, local_files_only=True, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = "it is damaged or no ResNet" if Path(weights).exists() else "it is not here"
        raise InputError(
            f"cannot read the weights {weights}: {reason}; fetch them with: "
            f"hf download {NAME} --local-dir resnet50"
        ) from error
    if missing := sorted(info["missing_keys"]):
        raise InputError(
            f"{weights} is no ResNet: it has no {missing[0]}; give the folder of {NAME}"
        )
    found: ResNetModel = network
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the library's progress bars and its remarks on the unused classifier."""
    log: Any = transformers_logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()
