"""Whatever writes a file says in one line that the disk is full, and leaves no half of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.datasets.eyes.eye_store import EyeStore
from closeup.errors import OutputError
from closeup.files.atomic import write_text
from closeup.files.documents import write_document, write_table
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import save_gallery
from closeup.media.images import write_image
from closeup.synthesis.writing import write_scene
from closeup.training.checkpoints import write_checkpoint
from closeup.training.curves import draw_curves
from closeup.training.history import Epoch, History
from closeup.training.onnx_export import write_checked
from tests.calibrations import DLIB
from tests.limited_room import room
from tests.pipeline.drawn_set import drawn_set
from tests.small_stage import small_scene

NOISE = np.random.default_rng(0).integers(0, 255, (160, 160, 3), np.uint8)


def checkpoint(path: Path) -> None:
    """torch writes it; in pieces, since it holds several tensors."""
    write_checkpoint(path, {"state_dict": {str(n): torch.rand(2000) for n in range(5)}})


def gallery(path: Path) -> None:
    """numpy and zipfile."""
    vectors = np.random.default_rng(0).normal(size=(40, 128)).astype(np.float32)
    save_gallery(Gallery.of(DLIB, {"Ann": vectors}), path)


def curves(path: Path) -> None:
    """matplotlib."""
    epochs = (Epoch(n, 8, 0.1, 1.0, {"loss": 1 / n}, {"error": 1 / n}) for n in (1, 2, 3))
    draw_curves(path, History("error", tuple(epochs)))


def scene(path: Path) -> None:
    """PyAV."""
    drawn = small_scene(1)
    write_scene(replace(drawn, shots=(replace(drawn.shots[0], seconds=0.2),)), path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.ckpt": checkpoint,
    "a.npz": gallery,
    "a.png": lambda path: write_image(path, NOISE),  # Pillow
    "a.jpg": lambda path: write_image(path, NOISE, 95),  # OpenCV
    "curves.png": curves,
    "a.mp4": scene,
    "a.onnx": lambda path: write_checked(path, NOISE.tobytes(), 0.0),
    "a.txt": lambda path: write_text(path, "é" * 5000),
    "a.json": lambda path: write_document(path, {"numbers": list(range(2000))}),
    "a.csv": lambda path: write_table(path, ([n, n] for n in range(2000))),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_whole_or_not_there(name: str, tmp_path: Path) -> None:
    """The room ends anywhere: in the first bytes, in the middle, and one byte before the end."""
    path = tmp_path / "whole" / name
    WRITERS[name](path)
    size = path.stat().st_size
    assert size > 1000
    for left in (1, size // 2, size - 1):
        folder = tmp_path / str(left)
        with pytest.raises(OutputError) as told, room(left):
            WRITERS[name](folder / name)
        assert str(told.value).startswith(f"cannot write {folder}")
        assert str(told.value).endswith("; choose another folder or free some space")
        assert "\n" not in str(told.value)
        left_over = {file.name for file in folder.iterdir()}
        assert left_over <= {"a.truth.csv", "a.truth.json"}  # whole, before their video


def test_a_part_of_an_eye_set_is_whole_or_not_there(tmp_path: Path) -> None:
    parts = drawn_set(tmp_path / "whole", 60) / "crops"
    size = (parts / "00000.npy").stat().st_size
    with pytest.raises(OutputError, match=r"cannot write .*00000\.npy: "), room(size - 1):
        drawn_set(tmp_path / "full", 60)
    assert EyeStore.opened(tmp_path / "full").parts == 0
