import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from closeup.errors import ModelCorruptError, ModelError, ModelMissingError
from closeup.models import files
from closeup.models.catalog import CATALOGUE, ModelEntry, find
from closeup.models.files import locate
from closeup.settings import Settings
from tests.conftest import REPOSITORY

FILE = find("yunet-n").file


@pytest.mark.parametrize("entry", [e for e in CATALOGUE if e.package], ids=lambda e: str(e.name))
def test_what_a_package_brings_is_the_catalogued_file(entry: ModelEntry, tmp_path: Path) -> None:
    path = locate(entry.name, Settings(None, tmp_path))
    assert path.name == entry.file
    assert path.stat().st_size == entry.size


@pytest.mark.parametrize("name", ["yunet-n", "yunet"])
def test_a_mirror_folder_is_enough(name: str, shared_models: Path, tmp_path: Path) -> None:
    path = locate(name, Settings(shared_models, tmp_path))
    assert path == shared_models / find(name).file
    assert path.stat().st_size == find(name).size


def test_the_mirror_comes_before_the_cache(shared_models: Path, tmp_path: Path) -> None:
    right = (shared_models / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(right)
    empty = tmp_path / "empty"
    assert locate("yunet-n", Settings(shared_models, tmp_path)).parent == shared_models
    assert locate("yunet-n", Settings(empty, tmp_path)).parent == tmp_path


def test_a_missing_file_names_both_ways_out(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        locate("yunet-n", Settings(tmp_path / "mirror", tmp_path / "cache"))
    message = str(caught.value)
    assert "closeup models fetch yunet-n" in message
    assert "CLOSEUP_MODELS" in message
    assert str(tmp_path / "mirror") in message
    assert "\n" not in message


def test_a_wrong_file_is_never_used(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError) as caught:
        locate("yunet-n", Settings(None, tmp_path))
    message = str(caught.value)
    assert find("yunet-n").sha256 in message
    assert "got" in message
    assert "7 bytes" in message
    assert "closeup models fetch yunet-n" in message


def test_a_wrong_copy_of_a_packaged_file_is_never_used(tmp_path: Path) -> None:
    (tmp_path / find("mmod").file).write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError, match="mmod"):
        locate("mmod", Settings(None, tmp_path))


def test_a_file_that_changes_is_read_again(shared_models: Path, tmp_path: Path) -> None:
    path = tmp_path / FILE
    right = (shared_models / FILE).read_bytes()
    path.write_bytes(right)
    settings = Settings(None, tmp_path)
    assert locate("yunet-n", settings) == path
    path.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelCorruptError):
        locate("yunet-n", settings)


def test_an_unchanged_file_is_read_once(shared_models: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((shared_models / FILE).read_bytes())
    before = files._sha256.cache_info().misses
    for _ in range(3):
        locate("yunet-n", Settings(None, tmp_path))
    assert files._sha256.cache_info().misses == before + 1


def test_an_uninstalled_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    monkeypatch.delitem(sys.modules, "face_recognition_models", raising=False)
    with pytest.raises(ModelMissingError, match="pip install face_recognition_models"):
        locate("mmod", Settings(None, tmp_path))


def test_an_installation_that_lost_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torn = replace(find("closeup-pupils"), file="gone.onnx")
    monkeypatch.setattr(files, "find", lambda _: torn)
    with pytest.raises(ModelMissingError, match=r"gone\.onnx .* pip install --force-reinstall"):
        locate("closeup-pupils", Settings(None, tmp_path))


def test_our_own_file_needs_no_environment(tmp_path: Path) -> None:
    path = locate("closeup-pupils", Settings(None, tmp_path))
    assert path.parent == Path(files.__file__).parent


def test_a_wheel_and_a_source_archive_contain_our_own_files() -> None:
    for builder in (WheelBuilder, SdistBuilder):
        packed = {
            entry.distribution_path for entry in builder(str(REPOSITORY)).recurse_included_files()
        }
        for name in ("closeup_pupils.onnx", "closeup_faces.onnx", "closeup_embedding.onnx"):
            assert any(path.endswith(f"closeup/models/{name}") for path in packed)


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="choose one of"):
        locate("yolov99", Settings(None, tmp_path))


def test_commercial_use_refuses_what_is_not_free_for_it(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path, commercial=True)
    assert locate("dlib-5-points", settings).is_file()
    with pytest.raises(ModelError, match=r"not free for commercial use \(trained on iBUG 300-W\)"):
        locate("dlib-68-points", settings)
    with pytest.raises(ModelError, match="--method mediapipe or --method darkest, or leave --comm"):
        locate("closeup-pupils", settings)
