"""New labels for eyes by trained networks, averaged over networks and over moved crops.

A network answers slightly differently when its crop is shifted, scaled or turned, and so does
another network. The mean of all answers is nearer to the truth than a single one, and a network
learns that from such labels (Radosavovic et al. 2018, "Data distillation").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from closeup.training.pupils.augmentation import EyeBatch
from closeup.training.pupils.network import EyeInput, PupilNetwork
from closeup.training.pupils.samples import PUPIL, EyeSamples
from closeup.training.pupils.task import eyes_of
from closeup.training.pupils.warp import Placement, cut, restored

_SHIFT, _SCALE, _ROTATION = 0.03, 1.1, 5.0
"""Eye distances, factor and degrees: within the augmentation that networks are trained with."""
_BATCH = 256


@torch.no_grad()
def relabelled(networks: Sequence[PupilNetwork], samples: EyeSamples) -> EyeSamples:
    """The same eyes with the pupils that networks find in nine views of each crop, of weight 1.

    Args:
        networks: One or more, on the CPU; they are left in evaluation mode.
        samples: The eyes; their labels of the pupil are not used.

    """
    answers = torch.stack([_answers(network.eval(), samples) for network in networks])
    points = samples.points.copy()
    points[:, PUPIL] = answers.mean((0, 1)).numpy()
    return replace(samples, points=points, weight=np.ones(len(samples), np.float32))


def _answers(network: PupilNetwork, samples: EyeSamples) -> Tensor:
    """The pupils by one network, (views, n, 2)."""
    eyes = eyes_of(samples, network.given)
    parts = [
        torch.stack([_pupils(network, eyes[first : first + _BATCH], view) for view in _views()])
        for first in range(0, len(eyes), _BATCH)
    ]
    return torch.cat(parts, 1) if parts else torch.empty(len(list(_views())), 0, 2)


def _pupils(network: PupilNetwork, eyes: EyeBatch, view: Placement) -> Tensor:
    given: EyeInput = network.given
    count = len(eyes)
    placement = Placement(
        view.scale.expand(count), view.angle.expand(count), view.shift.expand(count, 2)
    )
    found = network(cut(eyes.crops, eyes.extent, given, placement)).points[:, [given.pupil]]
    return restored(found, eyes.extent, given, placement)[:, 0]


def _views() -> Iterator[Placement]:
    """The crop as it is, and moved in each way and back."""
    yield Placement.plain(1)
    for shift in ((_SHIFT, 0.0), (-_SHIFT, 0.0), (0.0, _SHIFT), (0.0, -_SHIFT)):
        yield replace(Placement.plain(1), shift=torch.tensor([shift]))
    for scale in (_SCALE, 1 / _SCALE):
        yield replace(Placement.plain(1), scale=torch.tensor([scale]))
    for degrees in (_ROTATION, -_ROTATION):
        yield replace(Placement.plain(1), angle=torch.tensor([math.radians(degrees)]))
