"""Whether result files are complete, and whether two folders hold the same results."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import yaml
from PIL import Image

from closeup.store.database import open_database
from closeup.store.label_queue import queue_names
from closeup.store.label_store import LabelStore
from tests.pipeline.running import pictures
from tests.stored_pictures import as_picture

_TEMPORARY = (".tmp", ".part", ".partial")
_CLOCKED = {"seconds", "ms_a_face", "sha256"}
"""Fields that hold how long something took, and the checksum of them and of all others."""


def _without_clocked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_clocked(own) for key, own in value.items() if key not in _CLOCKED}
    return [_without_clocked(own) for own in value] if isinstance(value, list) else value


def _json(path: Path) -> Any:
    held = json.loads(path.read_text(encoding="utf-8"))
    if path.name == "rendered.json":  # the bytes of videos are never quite the same
        return {name: entry["content"] for name, entry in held.items()}
    if path.name == "manifest.json":
        held["key"]["modified"] = None
    return _without_clocked(held)


def _csv(path: Path) -> Any:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row and None not in row.values() for row in rows), path
    return [_without_clocked(row) for row in rows]


def _arrays(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as data:
        return {name: (data[name].shape, data[name].tobytes()) for name in data.files}


def _array(path: Path) -> Any:
    found = np.load(path, allow_pickle=False)
    return found.shape, found.tobytes()


def _picture(path: Path) -> Any:
    with Image.open(path) as picture:
        return picture.size, picture.convert("RGB").tobytes()


def _frames(path: Path) -> Any:
    """How many there are: x264 does not make the same bytes of the same pictures every time."""
    count = len(pictures(path))
    assert count, path
    return count


def _network(path: Path) -> Any:
    onnx.load(path)
    return path.read_bytes()


def _checkpoint(path: Path) -> Any:
    weights = torch.load(path, weights_only=True)["state_dict"]
    return {name: tensor.numpy().tobytes() for name, tensor in weights.items()}


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _page(path: Path) -> Any:
    """Nothing to compare: pages show how long the work took."""
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path


def _text(path: Path) -> Any:
    return path.read_text(encoding="utf-8")


def _labels(path: Path) -> Any:
    """The present labels of a store, and its revisions without their times."""
    database = open_database(path)
    try:
        store = LabelStore(database)
        items = [
            (as_picture(one), one.verdict, [label.object for label in one.labels])
            for one in store.all_items()
        ]
        revisions = [
            (one.item, one.object, one.subject, one.content, one.origin, one.author)
            for one in store.revisions()
        ]
        return items, revisions, queue_names(database)
    finally:
        database.close()


def _journal(path: Path) -> Any:
    """The whole lines; the last one may be of a run that ended while it wrote."""
    *whole, _ = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in whole]


_READERS: dict[str, Callable[[Path], Any]] = {
    ".json": _json, ".csv": _csv, ".npz": _arrays, ".npy": _array, ".mp4": _frames,
    ".png": _picture, ".jpg": _picture, ".onnx": _network, ".ckpt": _checkpoint,
    ".yaml": _yaml, ".html": _page, ".txt": _text, ".pb": Path.read_bytes,
    ".caffemodel": Path.read_bytes, ".pbtxt": _text, ".tflite": Path.read_bytes,
    ".db": _labels, ".jsonl": _journal,
}  # fmt: skip


def contents(folder: Path, *, exact: bool = True) -> dict[str, Any]:
    """What each file below ``folder`` holds, by its name; none is temporary or half-written.

    Args:
        folder: Of results.
        exact: Whether to tell contents; else only of videos the number of frames.

    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        assert not path.name.startswith("."), f"{name} is temporary"
        assert path.suffix not in _TEMPORARY, f"{name} is temporary"
        if path.is_file():
            held = _READERS[path.suffix](path)
            found[name] = held if exact or path.suffix == ".mp4" else None
    return found


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Names of files that only one has, or that differ."""
    names = found.keys() | expected.keys()
    return sorted(n for n in names if found.get(n, "none") != expected.get(n, "none"))
