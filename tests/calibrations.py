"""Calibrations for tests that need the numbers of some embedder and no network."""

from __future__ import annotations

from dataclasses import replace

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.identity.calibration import shipped_calibration


def dlib_calibration() -> EmbeddingCalibration:
    """The one that comes with Closeup."""
    calibration = shipped_calibration("dlib-128")
    assert calibration is not None
    return calibration


DLIB = dlib_calibration()


def plain(dimensions: int, embedder: str = "test") -> EmbeddingCalibration:
    """dlib's numbers for vectors of any length, without a cohort."""
    return replace(DLIB, embedder=embedder, dimensions=dimensions, cohort=None)
