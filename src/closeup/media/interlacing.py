"""Finding out whether a video is interlaced, from its flags and from its pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import av

from closeup.media.filters import PictureFilter

_LEAST_SEEN = 4
"""Minimum number of pictures that must show combs, or their absence, to decide against flags."""

_CLEARLY = 4
"""Ratio of progressive pictures to combed ones from which pictures flagged as interlaced are
progressive, as in films on television."""


_ENOUGH = 6
"""Progressive pictures without a combed one among them that settle one run of pictures."""


class Fields(StrEnum):
    """How the lines of a video's pictures are to be read; values as ``bwdif`` names the parity."""

    PROGRESSIVE = "progressive"
    """All lines are of one moment."""
    FLAGGED = "auto"
    """Pictures that are flagged as interlaced hold two moments, in the order of their flag."""
    TOP_FIRST = "tff"
    """Each picture holds two moments although it is not flagged; even lines are the earlier."""
    BOTTOM_FIRST = "bff"
    """As before, but odd lines are the earlier."""


def fields_of(runs: Iterable[Iterable[av.VideoFrame]]) -> Fields:
    """Judge from a few runs of consecutive pictures how a video's lines are to be read.

    Args:
        runs: Each in the order of display; FFmpeg's ``idet`` compares neighbouring lines and
            pictures, so that pictures without movement tell nothing. A run is read as far as it
            takes.

    """
    seen: Counter[str] = Counter()
    flagged = False
    for run in runs:
        judge, own = PictureFilter(("idet", "")), Counter[str]()
        for picture in run:
            flagged |= picture.interlaced_frame  # before idet, which writes its verdict there, too
            own.update(map(_verdict, judge.push(picture)))
            if own["progressive"] >= _ENOUGH and not (flagged or own["tff"] or own["bff"]):
                break
        own.update(map(_verdict, judge.end()))
        seen += own
    combed = seen["tff"] + seen["bff"]
    progressive = seen["progressive"]
    if flagged:
        clear = progressive >= _LEAST_SEEN and progressive > _CLEARLY * combed
        return Fields.PROGRESSIVE if clear else Fields.FLAGGED
    if combed < _LEAST_SEEN or combed <= progressive:
        return Fields.PROGRESSIVE
    return Fields.TOP_FIRST if seen["tff"] >= seen["bff"] else Fields.BOTTOM_FIRST


def deinterlacer(fields: Fields) -> PictureFilter | None:
    """FFmpeg's ``bwdif``, one picture for each picture; None for progressive pictures."""
    if fields is Fields.PROGRESSIVE:
        return None
    which = "interlaced" if fields is Fields.FLAGGED else "all"
    return PictureFilter(("bwdif", f"mode=send_frame:parity={fields}:deint={which}"))


def _verdict(picture: av.VideoFrame) -> str:
    return picture.metadata.get("lavfi.idet.multiple.current_frame", "")
