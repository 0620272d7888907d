"""One changed bit in a file of our own: the file is read right, or refused in one line.

A file that people edit by hand has no checksum: a changed digit in it is another number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
import torch

from closeup.datasets.eyes.eye_store import DOCUMENT, LABELS, EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.detections import Detections
from closeup.errors import CloseupError
from closeup.fancam.analysis_store import AnalysisStore, Chunk
from closeup.fancam.coordinates import read_coordinates, write_coordinates
from closeup.fancam.corrections import read_corrections
from closeup.fancam.member_detections import MemberDetections
from closeup.files.workfolder import WorkFolder
from closeup.geometry import Size
from closeup.identity.calibration import load_calibration, save_calibration
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import load_gallery, save_gallery
from closeup.models.files import read_model
from closeup.models.sessions import Network
from closeup.pipeline.people.cluster_files import replace_results
from closeup.pipeline.people.clusters import DOCUMENT as CLUSTERS, read_people
from closeup.pupils.calibration import Calibration
from closeup.pupils.network_file import described
from closeup.synthesis.truth import Truth, read_truth, truth_paths
from closeup.tracks import PositionSource, Trajectory
from closeup.training.checkpoints import read_checkpoint, write_checkpoint
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.export import export
from tests.calibrations import plain
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered
from tests.pipeline.people.test_cluster_files import people

MOST = 1200
"""Number of bits that are changed in a large file; a small one is tested bit by bit."""
END = 100
"""Number of bytes at the end of which all bits are changed: checksums and directories are there."""

RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(3, 4)).astype(np.float32)
EMBEDDER = plain(4, "grid")
KEY = {"video": "stage.mp4", "every": 5, "from": None}


class Kind(NamedTuple):
    """One kind of file: ``make`` writes it into a folder, ``read`` gives comparable content."""

    make: Callable[[Path], Path]
    read: Callable[[Path], object]


def plain_values(value: Any) -> object:
    """Arrays and tensors as lists, so that two results can be compared."""
    if isinstance(value, np.ndarray | torch.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain_values(own) for name, own in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain_values(own) for own in value]
    return value


def make_gallery(folder: Path) -> Path:
    save_gallery(Gallery.of(EMBEDDER, {"Rosé": VECTORS, "지수": VECTORS[:1]}), folder / "g.npz")
    return folder / "g.npz"


def of_gallery(path: Path) -> object:
    gallery = load_gallery(path, EMBEDDER)
    return plain_values([gallery.names, gallery.vectors, gallery.owners])


def make_calibration(folder: Path) -> Path:
    save_calibration(EMBEDDER, folder / "grid.calibration.json")
    return folder / "grid.calibration.json"


def make_offsets(folder: Path) -> Path:
    Calibration("contour", np.array([[0.01, -0.02], [0.03, 0.04]]), 120).save(folder / "c.json")
    return folder / "c.json"


def of_offsets(path: Path) -> object:
    found = Calibration.load(path)
    return plain_values([found.method, found.offsets, found.photos])


def make_chunk(folder: Path) -> Path:
    columns = {field.name: np.arange(6).reshape(2, 3) for field in fields(Chunk)}
    AnalysisStore(folder, KEY).append(Chunk(**{**columns, "next_id": np.array(7)}))
    return folder / "chunk-00000.npz"


def of_chunk(path: Path) -> object:
    chunk = AnalysisStore(path.parent, KEY).last()
    assert chunk is not None
    return plain_values([getattr(chunk, field.name) for field in fields(Chunk)])


def make_detections(folder: Path) -> Path:
    found = Detections(np.array([[0, 1, 2, 3]], np.float32), np.ones(1, np.float32), np.array([1]))
    MemberDetections(np.array([0, 5]), np.array([1]), found).save(folder / "members.npz")
    return folder / "members.npz"


def of_detections(path: Path) -> object:
    read = MemberDetections.load(path)
    found = read.found
    return plain_values([read.frames, read.owner, found.boxes, found.scores, found.classes])


def make_manifest(folder: Path) -> Path:
    WorkFolder(folder, "work.json", KEY).write({"faces": 3})
    return folder / "work.json"


def of_manifest(path: Path) -> object:
    read = WorkFolder(path.parent, path.name, KEY).earlier()
    assert read is not None
    return read["key"], read["faces"]


def make_clusters(folder: Path) -> Path:
    crop = folder / "new.jpg"
    crop.touch()
    replace_results(folder, people(("person-001/a.jpg",)), {"person-001/a.jpg": crop})
    return folder / CLUSTERS


def make_checkpoint(folder: Path) -> Path:
    weights = {"network.a": torch.arange(6.0) / 7, "network.b": torch.ones(2, 3)}
    write_checkpoint(folder / "last.ckpt", {"state_dict": weights, "epoch": 3})
    return folder / "last.ckpt"


@cache
def exported() -> bytes:
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        export(CompactNetwork().eval(), Path(folder) / "pupils.onnx")
        return (Path(folder) / "pupils.onnx").read_bytes()


def make_network(folder: Path) -> Path:
    (folder / "pupils.onnx").write_bytes(exported())
    return folder / "pupils.onnx"


def of_network(path: Path) -> object:
    """The file's description and weights; damage of the checksum itself leaves them right."""
    content = read_model(str(path))
    description = described(Network(content, str(path), threads=1), str(path))
    graph = onnx.load_from_string(content).graph
    return description, graph.SerializeToString(deterministic=True)


def make_eyes(folder: Path) -> EyeStore:
    store = EyeStore.begun(folder, {"size": list(SIZE), "width": 1.2})
    labels = scattered(3)
    rows = [EyeRow(f"{n}.jpg", side="right", x=x, y=y) for n, (x, y) in enumerate(labels.tolist())]
    store.write_part(0, rows, list(draw_eyes(labels)))
    store.finish(store.rows(), {})
    return store


def make_crops(folder: Path) -> Path:
    make_eyes(folder)
    return folder / "crops" / "00000.npy"


def of_crops(path: Path) -> object:
    store = EyeStore.opened(path.parent.parent)
    return store.crops(store.labels()).tobytes()


def make_document(folder: Path) -> Path:
    make_eyes(folder)
    return folder / DOCUMENT


def of_document(path: Path) -> object:
    store = EyeStore.opened(path.parent)
    return store.size, store.width


CHECKED = {
    "gallery": Kind(make_gallery, of_gallery),
    "calibration": Kind(make_calibration, lambda path: load_calibration(path).digest),
    "pupil calibration": Kind(make_offsets, of_offsets),
    "analysis": Kind(make_chunk, of_chunk),
    "member detections": Kind(make_detections, of_detections),
    "manifest": Kind(make_manifest, of_manifest),
    "clusters": Kind(make_clusters, lambda path: read_people(path.parent)),
    "checkpoint": Kind(make_checkpoint, lambda path: plain_values(read_checkpoint(path))),
    "network": Kind(make_network, of_network),
    "eye crops": Kind(make_crops, of_crops),
    "eye document": Kind(make_document, of_document),
}


def make_labels(folder: Path) -> Path:
    make_eyes(folder)
    return folder / LABELS


def make_coordinates(folder: Path) -> Path:
    boxes = np.array([[0, 0, 9, 9], [np.nan] * 4], np.float32)
    sources = np.array([PositionSource.DETECTED, PositionSource.ABSENT], np.uint8)
    found = Trajectory("Zoë", boxes, sources, np.ones(2, np.float32), np.full(2, -1, np.int64))
    write_coordinates(folder / "c.csv", [found], np.arange(2) / 25, Size(64, 48))
    return folder / "c.csv"


def make_corrections(folder: Path) -> Path:
    path = folder / "corrections.json"
    crop = '{"member": "Rosé", "from": 12.3, "to": 14, "box": [1, 2, 30, 40]}'
    path.write_text(f'{{"tracklets": {{"17": "Rosé", "4": null}}, "crops": [{crop}]}}', "utf-8")
    return path


def make_truth(folder: Path, table: bool) -> Path:
    shape = (3, 1)
    boxes = np.full((*shape, 4), 5, np.float32)
    seen = np.ones(shape, np.bool_)
    truth = Truth(Size(64, 48), Fraction(25), ("Ann",), ("Ann",), boxes, seen, seen, (1,))
    truth.write(folder / "v.mp4")
    return truth_paths(folder / "v.mp4")[0 if table else 1]


def of_truth(path: Path) -> object:
    return plain_values(list(astuple(read_truth(path.parent / "v.mp4"))))


UNCHECKED = {
    "eye labels": Kind(make_labels, lambda path: EyeStore.opened(path.parent).labels()),
    "coordinates": Kind(make_coordinates, lambda path: read_coordinates(path, Size(64, 48))),
    "corrections": Kind(make_corrections, read_corrections),
    "truth table": Kind(lambda folder: make_truth(folder, table=True), of_truth),
    "truth": Kind(lambda folder: make_truth(folder, table=False), of_truth),
}


def bits(content: bytes) -> list[int]:
    """All bits of a small file; of a large one those of its end, and a random choice of others."""
    count = 8 * len(content)
    end = range(max(0, count - 8 * END), count)
    return sorted({*np.random.default_rng(0).permutation(count)[:MOST].tolist(), *end})


def outcomes(kind: Kind, folder: Path) -> tuple[object, list[object]]:
    """The content of the whole file, and that of each damaged copy that was not refused."""
    path = kind.make(folder)
    whole, content = kind.read(path), path.read_bytes()
    found: list[object] = []
    told: list[str] = []
    for bit in bits(content):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found.append(kind.read(path))
        except CloseupError as error:
            told.append(str(error))
    assert [line for line in told if len(line.splitlines()) != 1] == []
    return whole, found


@pytest.mark.parametrize("name", CHECKED)
def test_a_changed_bit_is_read_right_or_refused(name: str, tmp_path: Path) -> None:
    whole, found = outcomes(CHECKED[name], tmp_path)
    assert all(content == whole for content in found)


@pytest.mark.parametrize("name", UNCHECKED)
def test_a_changed_bit_in_a_file_for_people_is_read_or_refused(name: str, tmp_path: Path) -> None:
    outcomes(UNCHECKED[name], tmp_path)


@pytest.mark.parametrize("name", sorted(CHECKED.keys() - {"eye crops"}))
def test_a_file_that_is_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    kind = CHECKED[name]
    path = kind.make(tmp_path)
    content = path.read_bytes()
    for kept in (0, 1, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:kept])
        with pytest.raises(CloseupError):
            kind.read(path)
