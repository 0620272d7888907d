from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.fancam.analysis_store import AnalysisStore, Chunk
from closeup.media.bars import BORDER, SIDES
from closeup.tracking.observations import CLOTHES, HEAD, OBSERVATION
from closeup.tracking.tracklets import EMBEDDED

KEY = {"video": "stage.mp4", "every": 5, "from": None}


def chunk(number: int, frames: int = 4) -> Chunk:
    rng = np.random.default_rng(number)
    observations = np.zeros(3, OBSERVATION)
    observations["frame"] = number
    return Chunk(
        pts=np.arange(frames, dtype=np.int64) + number * frames,
        thumbnails=rng.integers(0, 256, (frames, 27, 48, 3), np.uint8),
        borders=np.zeros((frames, SIDES), BORDER),
        observations=observations,
        clothes=np.zeros(1, CLOTHES),
        embeddings=rng.normal(size=(2, 128)).astype(np.float32),
        embedded=np.zeros(2, EMBEDDED),
        portraits=rng.integers(0, 256, 30, np.uint8),
        portrait_ends=np.array([10, 30], np.int64),
        heads=np.zeros(number, HEAD),
        next_id=np.array(number + 7),
    )


def alike(a: Chunk, b: Chunk) -> bool:
    pairs = [(getattr(a, field.name), getattr(b, field.name)) for field in fields(Chunk)]
    return all(x.dtype == y.dtype and x.tobytes() == y.tobytes() for x, y in pairs)


def filled(folder: Path, count: int = 2) -> AnalysisStore:
    store = AnalysisStore(folder, KEY)
    for number in range(count):
        store.append(chunk(number))
    return store


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    store = AnalysisStore(tmp_path, KEY)
    assert (len(store), store.finished, store.ended_early) == (3, False, None)
    assert all(alike(found, chunk(i)) for i, found in enumerate(store.chunks()))
    last = store.last()
    assert last is not None
    assert last.state.next_id == 9
    assert len(last.state.heads) == 2


def test_the_end_is_remembered(tmp_path: Path) -> None:
    filled(tmp_path).finish("ends early")
    store = AnalysisStore(tmp_path, KEY)
    assert (store.finished, store.ended_early) == (True, "ends early")


def test_the_cuts_of_each_detector_are_kept(tmp_path: Path) -> None:
    filled(tmp_path).finish("ends early")
    AnalysisStore(tmp_path, KEY).keep_cuts("transnet", [3, 5])
    AnalysisStore(tmp_path, KEY).keep_cuts("own", [])
    store = AnalysisStore(tmp_path, KEY)
    assert [store.cuts(name) for name in ("transnet", "own", "other")] == [[3, 5], [], None]
    assert (store.finished, store.ended_early) == (True, "ends early")


def test_a_new_analysis_has_no_cuts(tmp_path: Path) -> None:
    filled(tmp_path).keep_cuts("transnet", [3])
    other = AnalysisStore(tmp_path, {**KEY, "every": 6})
    other.append(chunk(5))
    assert other.cuts("transnet") is None
    assert AnalysisStore(tmp_path, {**KEY, "every": 6}).cuts("transnet") is None


def test_an_empty_store_touches_nothing(tmp_path: Path) -> None:
    store = AnalysisStore(tmp_path / "new", KEY)
    assert (len(store), store.last(), list(store.chunks())) == (0, None, [])
    assert not (tmp_path / "new").exists()


def test_another_key_replaces_the_older_analysis_with_its_first_chunk(tmp_path: Path) -> None:
    filled(tmp_path, 3).finish(None)
    other = AnalysisStore(tmp_path, {**KEY, "every": 6})
    assert (len(other), other.finished) == (0, False)
    assert AnalysisStore(tmp_path, KEY).finished
    other.append(chunk(5))
    again = AnalysisStore(tmp_path, {**KEY, "every": 6})
    assert (len(again), again.finished) == (1, False)
    assert len(AnalysisStore(tmp_path, KEY)) == 0


@pytest.mark.parametrize("content", [None, "", "[]", '{"key": 1}', "\udcff"])
def test_chunks_without_a_whole_manifest_are_worth_nothing(
    tmp_path: Path, content: str | None
) -> None:
    filled(tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.unlink()
    if content is not None:
        manifest.write_bytes(content.encode("utf-8", "surrogateescape"))
    store = AnalysisStore(tmp_path, KEY)
    assert len(store) == 0
    store.append(chunk(0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chunk-00000.npz", "manifest.json"]
    assert json.loads(manifest.read_text())["key"] == KEY


@pytest.mark.parametrize("kept", [0, 100, 2000])
def test_a_damaged_chunk_is_named_with_the_way_out(tmp_path: Path, kept: int) -> None:
    store = filled(tmp_path)
    path = tmp_path / "chunk-00001.npz"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"chunk-00001\.npz: the saved .* is damaged; delete"):
        store.last()
