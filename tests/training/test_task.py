"""The fingerprint of a training."""

from __future__ import annotations

import torch

from closeup.training.task import fingerprint_of
from tests.training.plane_task import PlaneLesson


def test_equal_trainings_have_equal_fingerprints() -> None:
    first, second = (fingerprint_of(PlaneLesson().network, b"options", b"eyes") for _ in range(2))
    assert first == second
    assert len(first) == 16
    int(first, 16)


def test_options_samples_and_weights_all_count() -> None:
    network = PlaneLesson().network
    found = {
        fingerprint_of(network, b"options", b"eyes"),
        fingerprint_of(network, b"options", b"others"),
        fingerprint_of(network, b"others", b"eyes"),
        fingerprint_of(PlaneLesson(seed=1).network, b"options", b"eyes"),
    }
    with torch.no_grad():
        next(network.parameters())[0, 0] += 1
    assert len({*found, fingerprint_of(network, b"options", b"eyes")}) == 5
