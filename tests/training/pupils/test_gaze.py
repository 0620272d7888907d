from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, strategies as st

from closeup.training.pupils.gaze import Glance, glances
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.warp import Placement, cut
from closeup.training.rng import TensorRng
from tests.training.pupils.dark_dots import dark_dots
from tests.training.pupils.test_augmentation import darkest

EXTENT = (2.0, 1.5)


@given(st.floats(-0.06, 0.06), st.floats(-0.02, 0.02))
def test_the_iris_moves_as_a_whole_and_what_is_far_stays(x: float, y: float) -> None:
    glance = Glance(torch.tensor([[1.0, 0.75]]), torch.tensor([[x, y]]))
    new = torch.tensor([1.0 + x, 0.75 + y])
    around = torch.tensor([[0.0, 0.0], [0.07, 0.0], [0.0, 0.05], [-0.07, 0.0]])

    torch.testing.assert_close(
        glance.sources((new + around)[None])[0], new + around - new.new_tensor([x, y])
    )

    far = new + torch.tensor([[0.24, 0.0], [0.0, 0.17], [-0.3, 0.1], [1.0, -0.7]])
    torch.testing.assert_close(glance.sources(far[None])[0], far)


def test_nothing_folds_at_the_largest_move() -> None:
    glance = Glance(torch.tensor([[1.0, 0.75]]), torch.tensor([[0.06, 0.02]]))
    x = torch.linspace(0.5, 1.5, 500)
    row = torch.stack([x, torch.full_like(x, 0.77)], 1)
    column = torch.stack([torch.full_like(x, 1.06), x - 0.25], 1)
    assert (glance.sources(row[None])[0, :, 0].diff() > 0).all()
    assert (glance.sources(column[None])[0, :, 1].diff() > 0).all()


def test_pictures_show_the_pupil_where_it_was_moved_to() -> None:
    eyes = dark_dots(60, 2.0)
    glance = glances(eyes.points[:, 0], EXTENT, (0.03, 0.01), 1.0, TensorRng(3))
    given_ = EyeInput()

    pictures = cut(eyes.crops, EXTENT, given_, Placement.plain(60), glance.sources)

    places = glance.pupils + glance.moves - torch.tensor(EXTENT) / 2
    expected = (places / torch.tensor(given_.extent) + 0.5).double().numpy()
    assert np.abs((darkest(pictures) - expected) * (64, 48)).max() < 0.25
    assert float(glance.moves.abs().max()) <= 0.06


def test_unknown_pupils_and_the_others_stay() -> None:
    pupils = torch.full((1000, 2), 0.5)
    pupils[::2] = torch.nan
    glance = glances(pupils, EXTENT, (0.03, 0.01), 0.4, TensorRng(0))
    moved = (glance.moves != 0).any(1)
    assert not moved[::2].any()
    assert 150 < int(moved.sum()) < 250
    assert torch.isfinite(glance.pupils).all()
