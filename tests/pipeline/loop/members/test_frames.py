"""Frames are collected once, and held out in whole stretches of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.media.images import read_size
from closeup.pipeline.loop.members.frames import (
    collect_frames,
    frame_of,
    split_frames,
    stretches,
)
from closeup.progress import Silent
from closeup.store.label_records import StoredItem
from tests.pipeline.loop.members.member_items import SIZE, frame
from tests.small_stage import FRAMES


def test_every_fourth_frame_becomes_a_picture(small_stage: Path, tmp_path: Path) -> None:
    folder = collect_frames(small_stage, tmp_path, 4, Silent())
    names = [path.name for path in sorted(folder.iterdir())]
    assert names == [f"{number:06d}.jpg" for number in range(0, FRAMES, 4)]
    assert read_size(folder / names[0]) == SIZE


def test_an_interrupted_collection_goes_on(small_stage: Path, tmp_path: Path) -> None:
    folder = collect_frames(small_stage, tmp_path, 10, Silent())
    (tmp_path / "frames.json").unlink()
    (folder / "000010.jpg").unlink()
    (folder / "000020.jpg").write_bytes(b"kept")
    collect_frames(small_stage, tmp_path, 10, Silent())
    assert read_size(folder / "000010.jpg") == SIZE
    assert (folder / "000020.jpg").read_bytes() == b"kept"
    (folder / "000020.jpg").unlink()
    collect_frames(small_stage, tmp_path, 10, Silent())
    assert not (folder / "000020.jpg").exists()


def test_a_project_keeps_to_its_frames(small_stage: Path, tmp_path: Path) -> None:
    collect_frames(small_stage, tmp_path, 10, Silent())
    with pytest.raises(InputError, match=r"has every 10\. frame of stage\.mp4, not every 5"):
        collect_frames(small_stage, tmp_path, 5, Silent())


def test_a_folder_of_frames_is_used_where_it_is(tmp_path: Path) -> None:
    assert collect_frames(tmp_path, tmp_path / "project", 10, Silent()) == tmp_path
    assert not (tmp_path / "project").exists()


def test_the_number_of_a_frame_is_in_its_name() -> None:
    assert frame_of(frame(120)) == 120
    assert frame_of(StoredItem(1, "stage.mp4", 7, None, 0)) == 7
    assert frame_of(StoredItem(1, "a.jpg", None, None, 0)) is None


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(InputError, match="needs 16 frames or more, and there are 15"):
        split_frames([frame(number) for number in range(15)], 0.25)


@given(st.integers(16, 400), st.floats(0.05, 0.9))
def test_no_frame_is_learnt_beside_a_held_out_one(count: int, share: float) -> None:
    items = [frame(number) for number in range(count)]
    split = split_frames(items, share)
    held_out, learnt = np.array(split.held_out), np.array(split.learnt)
    assert len(held_out)
    assert len(learnt)
    assert np.abs(held_out[:, None] - learnt[None]).min() == 2
    assert split == split_frames(items, share)


@given(st.integers(2, 20), st.integers(0, 300), st.floats(0.01, 0.99))
def test_whole_stretches_are_chosen(parts: int, more: int, share: float) -> None:
    chosen = stretches(parts + more, parts, share)
    numbers = np.arange(parts + more) * parts // (parts + more)
    for part in range(parts):
        assert len(set(chosen[numbers == part].tolist())) == 1
    assert chosen.any()
    assert not chosen.all()
