from __future__ import annotations

from pathlib import Path

import pytest
import torch

from closeup.errors import InputError
from closeup.training.pupils.compact import CompactNetwork, CompactShape
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.weights import load_weights, save_weights

SMALL = CompactShape(channels=(4, 8, 8), depth=0, state=4)


def network(seed: int, given: EyeInput | None = None) -> CompactNetwork:
    torch.manual_seed(seed)
    return CompactNetwork(given, SMALL)


def test_weights_come_back(tmp_path: Path) -> None:
    earlier, later = network(0), network(1)
    save_weights(earlier, tmp_path / "weights.pt")

    load_weights(later, tmp_path / "weights.pt")

    for name, values in earlier.state_dict().items():
        torch.testing.assert_close(later.state_dict()[name], values)


def test_another_shape_is_refused_with_the_first_tensor(tmp_path: Path) -> None:
    save_weights(network(0), tmp_path / "weights.pt")
    other = network(1, EyeInput(points=3))
    before = other.heat.weight.clone()

    with pytest.raises(InputError, match=r"heat.weight is \(1, 8, 1, 1\) there and \(3, 8, 1, 1\)"):
        load_weights(other, tmp_path / "weights.pt")

    assert other.heat.weight.equal(before)


def test_a_deeper_network_is_refused(tmp_path: Path) -> None:
    save_weights(CompactNetwork(shape=CompactShape((4, 8, 8), 1, state=4)), tmp_path / "w.pt")

    with pytest.raises(InputError, match=r"at_eighth\.1\.0\.weight is \(8, 8, 3, 3\) there and no"):
        load_weights(network(0), tmp_path / "w.pt")


def test_bad_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    with pytest.raises(InputError, match="is not there"):
        load_weights(network(0), path)
    save_weights(network(0), path)
    whole = path.read_bytes()
    torch.save({"other": 1}, tmp_path / "other.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    for content in (
        whole[:-200], whole[: len(whole) // 2], b"", b"no weights",
        (tmp_path / "other.pt").read_bytes(), (tmp_path / "list.pt").read_bytes(),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(InputError, match="is damaged, or holds no weights"):
            load_weights(network(0), path)
    with pytest.raises(InputError, match="cannot read"):
        load_weights(network(0), tmp_path)
