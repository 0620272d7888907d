"""The package ``supervision``, whose figures others compare with; part of the extra ``train``."""

from __future__ import annotations

from typing import Any

import numpy as np

from closeup.detections import Detections
from closeup.errors import InputError
from closeup.labels import PictureLabels


def supervision() -> Any:
    """The module, imported when it is first needed.

    Raises:
        InputError: it is not installed.

    """
    try:
        import supervision as package
    except ImportError as error:
        raise InputError(
            "judging detections needs the package supervision, which is not installed; "
            "run: pip install 'closeup[train]'"
        ) from error
    return package


def found_detections(found: Detections) -> Any:
    """As ``supervision.Detections``."""
    return supervision().Detections(
        xyxy=found.boxes.astype(np.float32),
        class_id=found.classes.astype(int),
        confidence=found.scores.astype(np.float32),
    )


def true_detections(truth: PictureLabels) -> Any:
    """As ``supervision.Detections``; what is ignored is a crowd, as COCO calls it."""
    return supervision().Detections(
        xyxy=truth.boxes.astype(np.float32),
        class_id=truth.classes.astype(int),
        data={"iscrowd": truth.ignored.astype(int)},
    )
