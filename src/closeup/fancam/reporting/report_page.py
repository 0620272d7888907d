"""The report as one self-contained HTML page."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.reporting import timeline
from closeup.fancam.reporting.doubt import odds_in_words
from closeup.fancam.reporting.persons import SURE
from closeup.fancam.reporting.portraits import TrackletPortrait
from closeup.fancam.reporting.timeline import TimelineStrip, draw_strip
from closeup.fancam.solution import Solution
from closeup.pages import jpeg_uri, render

MOST_PICTURES = 200
"""Maximum tracklets with a picture of about 4 kB each; more would make the page slow to open."""

MOST_TILES = 24
"""Persons that are shown at first; the others are folded."""

BRIEF = 0.5
"""Seconds; persons who are seen for a shorter time are folded, too, and so are duplicates."""

_EVEN = 1.25
"""Odds up to which the evidence says nothing."""

_PORTRAITS = 3
"""Portraits of a person."""

MOST_DOUBTS = 30
"""Doubtful moments that are shown at first; the others are folded."""


def pictured_tracklets(report: Mapping[str, Any]) -> set[int]:
    """Ids of the tracklets that get a picture.

    The doubtful ones come first, then the longest of each person, then the longest of all.
    """
    doubtful = [row["tracklet"] for row in report["doubtful"] if row["tracklet"] is not None]
    longest = [row["id"] for row in sorted(report["tracklets"], key=lambda r: r["from"] - r["to"])]
    place = {number: rank for rank, number in enumerate(longest)}
    of_persons = [
        number
        for row in report["persons"]
        for number in sorted(row["tracklets"], key=place.__getitem__)[:_PORTRAITS]
    ]
    ranked = dict.fromkeys([*doubtful, *of_persons, *longest])
    return set(list(ranked)[:MOST_PICTURES])


def render_page(
    report: Mapping[str, Any], solution: Solution, portraits: Mapping[int, TrackletPortrait]
) -> str:
    """The page, as HTML.

    Args:
        report: The result of :func:`closeup.fancam.reporting.report.build_report`.
        solution: Identities and trajectories.
        portraits: Tracklet id → portrait; tracklets without one get an empty frame.

    """
    pictured = pictured_tracklets(report)
    end = report["video"]["seconds"]
    values = dict(
        report,
        timeline=timeline,
        cut_lines=timeline.cut_lines(report["video"]["shots"][1:], end),
        ticks=timeline.ticks(end),
        strips=_strips(report, solution),
        pictures={number: jpeg_uri(portrait.jpeg) for number, portrait in portraits.items()},
        faces=_faces(report, portraits),
        pictured=[row for row in report["tracklets"] if row["id"] in pictured],
        folded=[row for row in report["tracklets"] if row["id"] not in pictured],
        most_doubts=MOST_DOUBTS,
        shown_tiles=sum(
            row["seconds"] >= BRIEF and not row["duplicate"]
            for row in report["persons"][:MOST_TILES]
        ),
        owners={number: row["id"] for row in report["persons"] for number in row["tracklets"]},
        sure=SURE,
        tiles={row["id"]: _tile(row, portraits, end) for row in report["persons"]},
    )
    filters: dict[str, Callable[..., str]] = {
        "clock": _clock, "share": _share, "odds": _odds, "grounds": _grounds,
    }  # fmt: skip
    return render("closeup.fancam.reporting", "report.html.j2", values, filters)


def _is_shown(row: Mapping[str, Any]) -> bool:
    """Whether a person's tile is not folded."""
    return bool(row["seconds"] >= BRIEF and not row["duplicate"])


def _tile(
    row: Mapping[str, Any], portraits: Mapping[int, TrackletPortrait], end: float
) -> dict[str, Any]:
    """Portraits, time line and present value of a person."""
    pictured = [number for number in row["tracklets"] if number in portraits]
    best = sorted(pictured, key=lambda number: -portraits[number].weight)[:_PORTRAITS]
    known = row["member"] is not None or row["corrected"]
    return {
        "portraits": best,
        "spans": timeline.draw_spans(row["spans"], end),
        "value": json.dumps(row["member"] if known else "NAME", ensure_ascii=False),
    }


def _grounds(row: Mapping[str, Any]) -> str:
    """What the identity of a person rests on, as a sentence."""
    if row["duplicate"] and not row["corrected"]:
        return "A reflection, or a screen's picture, of somebody who is seen at the same time."
    grounds = row["grounds"]
    name = row["candidates"][0]["name"] if row["candidates"] else None
    kinds = {"photos": "the photos", "video": "others named so in the video"}
    stated = [
        f"{_for_or_against(math.exp(grounds[kind]))} {row['member'] or name} by {like}"
        for kind, like in kinds.items()
        if grounds[kind] is not None
    ]
    of_faces, others = grounds["faces"], grounds["place_and_clothes"]
    count = of_faces + others
    joined = f"{count} tracklets" if count > 1 else "1 tracklet"
    if others:
        joined += f", {others} of them joined by place and clothes"
    if row["corrected"] or name is None or not stated:
        return f"{joined}."
    reasons = ", ".join(stated)
    return f"{reasons[0].upper()}{reasons[1:]}. {joined}."


def _for_or_against(odds: float) -> str:
    """Odds as ``299 to 1 for``, or ``3 to 1 against``."""
    strong = max(odds, 1 / odds)
    if strong < _EVEN:
        return "even odds for"
    return f"{odds_in_words(strong)} {'for' if odds >= 1 else 'against'}"


def _strips(report: Mapping[str, Any], solution: Solution) -> dict[str, TimelineStrip]:
    """The strip of each member; doubts about the whole video are not marked."""
    edges, end = frame_edges(solution.seconds), report["video"]["seconds"]
    moments = [row for row in report["doubtful"] if row["to"] - row["from"] < end]
    return {
        trajectory.name: draw_strip(
            trajectory,
            edges,
            [(row["from"], row["to"]) for row in moments if trajectory.name in row["members"]],
        )
        for trajectory in solution.trajectories
    }


def _faces(report: Mapping[str, Any], portraits: Mapping[int, TrackletPortrait]) -> dict[str, int]:
    """Member's name → id of the tracklet whose portrait has the highest weight."""
    faces: dict[str, int] = {}
    for row in report["tracklets"]:
        name, number = row["member"], row["id"]
        if name is not None and number in portraits:
            best = faces.setdefault(name, number)
            if portraits[number].weight > portraits[best].weight:
                faces[name] = number
    return faces


def _clock(seconds: float, decimals: int = 1) -> str:
    """Minutes and seconds: ``1:23.5``."""
    units = 10**decimals
    minutes, rest = divmod(round(seconds * units), 60 * units)
    width = 2 if decimals == 0 else 3 + decimals
    return f"{minutes}:{rest / units:0{width}.{decimals}f}"


def _share(value: float) -> str:
    """Percent; only exact values are shown as 0 % and 100 %."""
    if 0 < value < 0.001:
        return "< 0.1 %"
    if 0.999 < value < 1:
        return "> 99.9 %"
    return f"{value * 100:.1f} %".replace(".0 %", " %")


def _odds(value: float) -> str:
    """Odds of the choice against its runner-up, as ``3 : 1``, or ``1 : 4`` if it is less likely."""
    strong = max(value, 1 / value)
    text = "1000+" if strong >= 1000 else f"{strong:.2g}" if strong < 10 else f"{strong:.0f}"
    return f"{text} : 1" if value >= 1 else f"1 : {text}"
