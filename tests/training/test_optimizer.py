from __future__ import annotations

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from closeup.training.optimizer import follow, make_optimizer, momentum, rate_factor

shares = st.floats(0, 1)


def test_one_cycle_is_that_of_torch() -> None:
    steps = 2000
    network = nn.Linear(2, 2)
    theirs = torch.optim.AdamW(network.parameters(), lr=1.0)
    schedule = OneCycleLR(theirs, 3.0, total_steps=steps, pct_start=0.2)
    ours = make_optimizer(network, 3.0, 0.0)
    for step in range(steps):
        follow(ours, "one-cycle", 3.0, step / (steps - 1))
        group, wanted = ours.param_groups[0], theirs.param_groups[0]
        assert group["lr"] == pytest.approx(wanted["lr"], rel=0.02, abs=1e-3)
        assert group["betas"] == pytest.approx(wanted["betas"], abs=1e-3)
        theirs.step()
        if step < steps - 1:
            schedule.step()


def test_the_peak_and_the_ends() -> None:
    assert rate_factor("one-cycle", 0.0) == pytest.approx(1 / 25)
    assert rate_factor("one-cycle", 0.2) == pytest.approx(1)
    assert rate_factor("one-cycle", 1.0) == pytest.approx(1 / 25e4)
    assert rate_factor("exponential", 0.0) == 1
    assert rate_factor("exponential", 0.5) == pytest.approx(0.1)
    assert rate_factor("exponential", 1.0) == pytest.approx(0.01)


@given(shares, shares)
def test_after_the_peak_it_only_falls(first: float, second: float) -> None:
    early, late = sorted((first, second))
    assert rate_factor("exponential", early) >= rate_factor("exponential", late)
    early, late = 0.2 + 0.8 * early, 0.2 + 0.8 * late
    assert rate_factor("one-cycle", early) >= rate_factor("one-cycle", late)
    assert 0.85 - 1e-9 <= momentum("one-cycle", early) <= 0.95 + 1e-9


def test_norms_and_biases_have_no_weight_decay() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 1))
    network[3].requires_grad_(requires_grad=False)
    network.register_parameter("scale", nn.Parameter(torch.tensor(1.0)))
    decayed, free = make_optimizer(network, 0.1, 0.02).param_groups
    assert decayed["weight_decay"] == 0.02
    assert [tuple(p.shape) for p in decayed["params"]] == [(2, 1, 3, 3)]
    assert free["weight_decay"] == 0
    assert sorted(tuple(p.shape) for p in free["params"]) == [(), (2,), (2,), (2,)]
