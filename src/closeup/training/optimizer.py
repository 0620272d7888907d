"""AdamW that leaves norms and biases alone."""

from __future__ import annotations

from torch import nn
from torch.optim import AdamW


def make_optimizer(network: nn.Module, rate: float, weight_decay: float) -> AdamW:
    """AdamW over all parameters that learn (Loshchilov and Hutter 2019).

    Vectors and scalars (biases, the scales of norms) get no weight decay: pulled towards
    zero they only lose what they are there for.

    Args:
        network: What learns; parameters without gradient are left out.
        rate: The learning rate.
        weight_decay: Of matrices and kernels.

    """
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW([group for group in groups if group["params"]], lr=rate)
