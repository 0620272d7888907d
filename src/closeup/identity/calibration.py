"""The calibration of an embedder: its file, and the error where there is none.

The file is JSON: ``closeup`` (the kind of the file), ``version``, the groups of
:class:`closeup.embedding_calibration.EmbeddingCalibration` by their names, the cohort's centres
as base64 of little-endian float32, and ``digest``, by which a damaged file is detected.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import asdict, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from closeup.cohort import Cohort
from closeup.embedding_calibration import (
    EmbeddingCalibration,
    FaceVariance,
    FalseAccepts,
    Odds,
    SplitDistances,
)
from closeup.errors import CalibrationError
from closeup.files.atomic import write_text
from closeup.files.documents import parse_json
from closeup.files.text import decode
from closeup.models.files import is_own_file
from closeup.protocols import Embedder
from closeup.settings import Settings

SUFFIX = ".calibration.json"
"""Suffix of the files: ``my.calibration.json`` beside ``my.onnx`` is its calibration."""

KIND, VERSION = "embedding calibration", 1

Group = TypeVar("Group", Odds, FaceVariance, SplitDistances)


def calibration_of(embedder: Embedder, opened_as: str | None = None) -> EmbeddingCalibration:
    """The calibration of an embedder.

    Args:
        embedder: The embedder.
        opened_as: Value of ``--embedder`` in the message; by default the embedder's name.

    Raises:
        CalibrationError: the embedder has none, or that of another embedder.

    """
    calibration = embedder.calibration
    way_out = _command(opened_as or embedder.name)
    if calibration is None:
        raise CalibrationError(
            f"the embedder {embedder.name} has no calibration, so its distances have no meaning "
            f"here; make one from photos of labelled people: {way_out}"
        )
    if (calibration.embedder, calibration.dimensions) != (embedder.name, embedder.dimensions):
        raise CalibrationError(
            f"the calibration is of {calibration.embedder} with {calibration.dimensions} "
            f"dimensions, the embedder is {embedder.name} with {embedder.dimensions}; "
            f"make its own: {way_out}"
        )
    return calibration


def calibration_place(name: str, settings: Settings) -> Path:
    """Path at which an embedder's calibration is looked up first and by default written.

    Args:
        name: As for :func:`closeup.opening.open_embedder`; the path is beside an ONNX file, else
            in the cache.
        settings: Location of the cache.

    """
    if is_own_file(name):
        return Path(name).with_suffix(SUFFIX)
    return settings.calibrations / f"{name}{SUFFIX}"


def find_calibration(name: str, settings: Settings) -> EmbeddingCalibration | None:
    """The calibration of an embedder: from its usual place, else as shipped; None without one.

    Args:
        name: As for :func:`closeup.opening.open_embedder`.
        settings: Location of the cache.

    Raises:
        CalibrationError: as for :func:`load_calibration`.

    """
    place = calibration_place(name, settings)
    if place.is_file():
        return load_calibration(place, name)
    return None if is_own_file(name) else shipped_calibration(name)


def shipped_calibration(embedder: str) -> EmbeddingCalibration | None:
    """The calibration that comes with Closeup for an embedder of this name; None without one."""
    file = files("closeup.identity") / "calibrations" / f"{embedder}{SUFFIX}"
    if not file.is_file():
        return None
    return _parsed(file.read_bytes(), str(file), embedder)


def save_calibration(calibration: EmbeddingCalibration, path: Path) -> None:
    """Write a calibration, whole or not at all; a missing folder is created.

    Raises:
        OutputError: the file cannot be written.

    """
    cohort = calibration.cohort
    centres = b"" if cohort is None else cohort.centres.astype("<f4").tobytes()
    record = {
        "closeup": KIND,
        "version": VERSION,
        "embedder": calibration.embedder,
        "dimensions": calibration.dimensions,
        "odds": asdict(calibration.odds),
        "false_accepts": asdict(calibration.false_accepts),
        "variance": asdict(calibration.variance),
        "same_person": calibration.same_person,
        "split": asdict(calibration.split),
        "cohort": cohort
        and {"radius": cohort.radius, "centres": base64.b64encode(centres).decode()},
        "digest": calibration.digest,
    }
    write_text(path, json.dumps(record, indent=1) + "\n")


def load_calibration(path: Path, opened_as: str = "NAME") -> EmbeddingCalibration:
    """Read what :func:`save_calibration` wrote.

    Args:
        path: The file.
        opened_as: Value of ``--embedder`` in messages.

    Raises:
        CalibrationError: there is no such file, or it is not a calibration, of another version,
            or damaged.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CalibrationError(
            f"cannot read the calibration {path}: {error.strerror}; check the name"
        ) from error
    return _parsed(content, str(path), opened_as)


def _parsed(content: bytes, name: str, opened_as: str) -> EmbeddingCalibration:
    try:
        record = parse_json(decode(content))
        _check_kind(record, name, opened_as)
        calibration = _calibration(record)
        damaged = calibration.digest != record["digest"]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise _damaged(name, f"{type(error).__name__}: {error}", opened_as) from error
    if damaged:
        raise _damaged(name, "its digest is not that of its numbers", opened_as)
    return calibration


def _check_kind(record: dict[str, Any], name: str, opened_as: str) -> None:
    if record["closeup"] != KIND:
        raise ValueError(f"it is of the kind {record['closeup']!r}")
    if record["version"] != VERSION:
        raise CalibrationError(
            f"{name} is a calibration of version {record['version']!r:.20}, this program reads "
            f"{VERSION}; make it again: {_command(opened_as)}"
        )


def _damaged(name: str, why: str, opened_as: str) -> CalibrationError:
    reason = " ".join(why.split())[:200]
    return CalibrationError(
        f"{name} is no calibration of an embedder, or damaged ({reason}); "
        f"make it again: {_command(opened_as)}"
    )


def _command(opened_as: str) -> str:
    return f"closeup calibrate identity FACES/ --embedder {opened_as}"


def _calibration(record: dict[str, Any]) -> EmbeddingCalibration:
    curve = record["false_accepts"]
    dimensions = record["dimensions"]
    if not isinstance(dimensions, int) or not isinstance(record["embedder"], str):
        raise TypeError("its embedder or dimensions are of another kind")
    return EmbeddingCalibration(
        embedder=record["embedder"],
        dimensions=dimensions,
        odds=_group(Odds, record["odds"]),
        false_accepts=FalseAccepts(
            tuple(map(_number, curve["rates"])),
            tuple(map(_number, curve["distances"])),
            _number(curve["nearer"]),
        ),
        variance=_group(FaceVariance, record["variance"]),
        same_person=_number(record["same_person"]),
        split=_group(SplitDistances, record["split"]),
        cohort=None if record["cohort"] is None else _cohort(record["cohort"], dimensions),
    )


def _group(kind: type[Group], record: dict[str, Any]) -> Group:
    return kind(**{field.name: _number(record[field.name]) for field in fields(kind)})


def _cohort(record: dict[str, Any], dimensions: int) -> Cohort:
    content = base64.b64decode(record["centres"], validate=True)
    centres = np.frombuffer(content, "<f4").reshape(-1, dimensions).astype(np.float32)
    return Cohort(centres, _number(record["radius"]))


def _number(value: object) -> float:
    """A finite number as Python's float: a numpy float64 would make float32 arrays float64."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not finite")
    return number
