"""Blocks of convolutions keep what networks rely on: shapes, and the identity beside."""

from __future__ import annotations

import torch

from closeup.training.conv_blocks import ResidualBlock, conv_block


def test_a_stride_halves_the_sides() -> None:
    assert conv_block(3, 5, stride=2)(torch.zeros(2, 3, 8, 6)).shape == (2, 5, 4, 3)


def test_a_residual_block_adds_to_its_input() -> None:
    block, features = ResidualBlock(4).eval(), torch.randn(2, 4, 6, 6)
    added = block(features) - features
    assert added.shape == features.shape
    assert (added >= -1e-6).all()  # what a rectifier gives
