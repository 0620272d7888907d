from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.cohort import distances
from closeup.errors import GalleryError, MembersError
from closeup.identity.gallery_file import save_gallery
from closeup.opening import open_detector, open_embedder
from closeup.pipeline.people.members import enrol_members, find_members, open_members
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.settings import Settings
from tests.calibrations import plain
from tests.heif_files import exif, tiled, turned, write_heif
from tests.kept_models import kept
from tests.pipeline.running import Listener
from tests.real_photos import astronaut, hopper


@pytest.fixture
def models(settings: Settings) -> tuple[FaceDetector, Embedder]:
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)
    return detector, open_embedder(settings=settings, threads=1)


def test_a_file_holds_what_the_folder_gives(
    small_stage: Path,
    models: tuple[FaceDetector, Embedder],
    settings: Settings,
    tmp_path: Path,
) -> None:
    folder = small_stage.parent / "members"
    enrolled = open_members(find_members(folder), *models, Silent())
    assert not enrolled.rejections
    saved = enrol_members(folder, tmp_path / "g.npz", models=kept(settings))
    assert not saved.rejections
    loaded = open_members(find_members(tmp_path / "g.npz"), *models, Silent())
    assert loaded.rejections == ()
    assert loaded.names == saved.names == enrolled.names == ("Eileen", "Grace")
    np.testing.assert_allclose(loaded.vectors, enrolled.vectors, atol=1e-5)


def test_photos_as_phones_write_them(small_stage: Path, settings: Settings, tmp_path: Path) -> None:
    """Eileen has nothing but a HEIC file of turned tiles, Grace nothing but an AVIF file."""
    members, listener = tmp_path / "members", Listener()
    (members / "Eileen").mkdir(parents=True)
    heic = [*tiled(np.ascontiguousarray(np.rot90(astronaut())), 256, turned(3)), exif(6)]
    write_heif(members / "Eileen" / "IMG_0001.HEIC", heic)
    Image.fromarray(hopper()).save(members / "Grace.avif", quality=90)
    made = enrol_members(members, tmp_path / "g.npz", models=kept(settings), progress=listener)
    assert made.names == ("Eileen", "Grace")
    assert not made.rejections
    assert listener.lines == ["finding faces with yunet-n"]
    plain_photos = enrol_members(
        small_stage.parent / "members", tmp_path / "h.npz", models=kept(settings)
    )
    assert distances(made.centroids, plain_photos.centroids).diagonal().max() < 0.3


def test_a_folder_may_be_called_like_a_file(
    small_stage: Path, models: tuple[FaceDetector, Embedder], tmp_path: Path
) -> None:
    (tmp_path / "m.npz").symlink_to(small_stage.parent / "members")
    assert open_members(find_members(tmp_path / "m.npz"), *models, Silent()).names == (
        "Eileen",
        "Grace",
    )


def test_nothing_there(models: tuple[FaceDetector, Embedder], tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="no such file"):
        open_members(find_members(tmp_path / "g.npz"), *models, Silent())
    with pytest.raises(MembersError, match="no such folder"):
        open_members(find_members(tmp_path / "members"), *models, Silent())


def test_a_gallery_of_another_embedder(
    small_stage: Path,
    models: tuple[FaceDetector, Embedder],
    settings: Settings,
    tmp_path: Path,
) -> None:
    gallery = enrol_members(
        small_stage.parent / "members", tmp_path / "g.npz", models=kept(settings)
    )
    other = replace(gallery, calibration=plain(128, "sface"))
    save_gallery(other, tmp_path / "other.npz")
    with pytest.raises(GalleryError, match="made by sface"):
        open_members(find_members(tmp_path / "other.npz"), *models, Silent())
