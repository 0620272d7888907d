from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import GalleryError, OutputError
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import load_gallery, read_gallery_header, save_gallery
from tests.calibrations import DLIB, plain

RNG = np.random.default_rng(0)
GALLERY = Gallery.of(
    DLIB,
    {"Rosé": RNG.normal(size=(3, 128)).astype(np.float32), "지수": np.ones((1, 128), np.float32)},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_gallery(GALLERY, tmp_path / "members.npz")
    return tmp_path / "members.npz"


def test_what_is_written_is_read(path: Path) -> None:
    gallery = load_gallery(path, DLIB)
    assert gallery.names == ("Rosé", "지수")
    assert gallery.embedder == "dlib-128"
    assert gallery.photos.tolist() == [3, 1]
    np.testing.assert_array_equal(gallery.vectors, GALLERY.vectors)
    np.testing.assert_array_equal(gallery.centroids, GALLERY.centroids)
    assert read_gallery_header(path) == ("dlib-128", ("Rosé", "지수"))
    assert list(path.parent.iterdir()) == [path]


def test_a_gallery_of_another_embedder_is_refused(path: Path) -> None:
    with pytest.raises(GalleryError, match=r"made by dlib-128.*--embedder dlib-128") as caught:
        load_gallery(path, plain(128, "sface"))
    assert "\n" not in str(caught.value)


def test_a_gallery_of_a_file_is_refused_with_the_files_name(tmp_path: Path) -> None:
    calibration = plain(4, "grid.onnx@12345678")
    gallery = Gallery.of(calibration, {"Ann": np.ones((1, 4), np.float32)})
    save_gallery(gallery, tmp_path / "g.npz")
    assert load_gallery(tmp_path / "g.npz", calibration).embedder == "grid.onnx@12345678"
    with pytest.raises(GalleryError, match=r"use --embedder grid\.onnx, or enrol"):
        load_gallery(tmp_path / "g.npz", plain(4, "grid.onnx@00000000"))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="no such file"):
        load_gallery(tmp_path / "none.npz", DLIB)
    with pytest.raises(GalleryError, match="no such file"):
        read_gallery_header(tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04 rubbish"])
def test_no_gallery(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(GalleryError, match="is not a gallery, or damaged"):
        load_gallery(path, DLIB)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_file_that_is_cut_off(path: Path, kept: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(GalleryError, match="is not a gallery, or damaged"):
        load_gallery(path, DLIB)


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="is not a gallery"):
        load_gallery(tmp_path, DLIB)


def rewritten(
    path: Path, header: dict[str, object] | None = None, arrays: dict[str, np.ndarray] | None = None
) -> Path:
    with np.load(path) as stored:
        content = dict(stored)
    known = json.loads(content["closeup_gallery"].tobytes())
    text = json.dumps({**known, **(header or {})}).encode()
    np.savez(
        path, **{**content, **(arrays or {}), "closeup_gallery": np.frombuffer(text, np.uint8)}
    )
    return path


def test_a_later_version_is_refused(path: Path) -> None:
    with pytest.raises(GalleryError, match=r"version 2, this program reads 1"):
        load_gallery(rewritten(path, {"version": 2}), DLIB)


@pytest.mark.parametrize(
    "change",
    [
        {"owners": np.array([0, 0, 0, 0], np.int64)},
        {"owners": np.array([0, 0, 1], np.int64)},
        {"owners": np.array([0, 0, 0, 2], np.int64)},
        {"vectors": np.full((4, 128), np.nan, np.float32)},
        {"vectors": np.ones((4, 128))},
    ],
)
def test_a_file_that_contradicts_itself(path: Path, change: dict[str, np.ndarray]) -> None:
    with pytest.raises(GalleryError, match="contradicts itself"):
        load_gallery(rewritten(path, arrays=change), DLIB)


def test_objects_are_never_unpickled(path: Path) -> None:
    with pytest.raises(GalleryError, match="is not a gallery"):
        load_gallery(rewritten(path, arrays={"vectors": np.array([{}], object)}), DLIB)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        save_gallery(GALLERY, tmp_path / "file" / "g.npz")
