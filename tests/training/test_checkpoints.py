from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.errors import InputError
from closeup.training.checkpoints import read_checkpoint, write_checkpoint

WEIGHTS = torch.arange(64.0) / 7
CHECKPOINT = {"state_dict": {"network.a": WEIGHTS}, "epoch": 3}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "new" / "a.ckpt", CHECKPOINT)
    found = read_checkpoint(tmp_path / "new" / "a.ckpt")
    assert found["epoch"] == 3
    assert torch.equal(found["state_dict"]["network.a"], WEIGHTS)


def test_a_changed_weight_is_noticed_although_torch_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    write_checkpoint(path, CHECKPOINT)
    stored = np.float32(63 / 7).tobytes()
    path.write_bytes(path.read_bytes().replace(stored, np.float32(7.0).tobytes()))
    assert torch.load(path)["state_dict"]["network.a"][63] == 7
    with pytest.raises(InputError, match=r"cannot read the checkpoint .*: Bad CRC-32 [^\n]+$"):
        read_checkpoint(path)


def test_the_format_of_old_versions_of_torch_is_read(tmp_path: Path) -> None:
    torch.save(CHECKPOINT, tmp_path / "a.ckpt", _use_new_zipfile_serialization=False)
    assert torch.equal(read_checkpoint(tmp_path / "a.ckpt")["state_dict"]["network.a"], WEIGHTS)


@pytest.mark.parametrize("content", [None, b"", b"text", b"PK\x03\x04 more"])
def test_what_is_no_checkpoint_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "a.ckpt").write_bytes(content)
    with pytest.raises(InputError, match=r"cannot read the checkpoint [^\n]+; use another, or tra"):
        read_checkpoint(tmp_path / "a.ckpt")
