"""The page of a loop: its curve, its rounds, what they taught, and what is to be done next."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from closeup.drawing.sheets import captioned, framed, grid
from closeup.evaluation.learning_curve import CurvePoint, learning_curve_svg
from closeup.files.atomic import write_text
from closeup.frames import RGBImage
from closeup.pages import jpeg_uri, render
from closeup.pipeline.loop.loop_history import LoopRound, answers_until
from closeup.pipeline.loop.loop_kind import HeldOutCase, LoopKind
from closeup.pipeline.loop.loop_state import LoopState

PAGE = "loop.html"
WORST, TAUGHT = "worst.jpg", "taught.jpg"
"""Sheets in the folder of a round."""
_COLUMNS = 4


def cases_sheet(cases: Sequence[HeldOutCase]) -> RGBImage:
    """A sheet of cases with their captions; RGB uint8 (H, W, 3)."""
    tiles = [captioned(case.picture, *case.caption.split("\n")) for case in cases]
    return framed(grid(tiles, _COLUMNS))


def write_loop_page(state: LoopState, kind: LoopKind, steps: Sequence[str]) -> None:
    """Write ``loop.html``, a page without other files.

    Args:
        state: The state of the project.
        kind: What is learnt.
        steps: What is to be done next, one line each; empty while the loop is at work.

    Raises:
        OutputError: it cannot be written.

    """
    done = [one for one in state.rounds if one.figures]
    values = {
        "state": state,
        "kind": kind,
        "steps": steps,
        "rows": _rows(state),
        "curve": _svg_uri(_curve(done, kind)) if done else "",
        "taught": [(one, _sheet(state.folder / one.folder / TAUGHT)) for one in reversed(done)],
        "worst": _sheet(state.folder / done[-1].folder / WORST) if done else "",
    }
    write_text(state.folder / PAGE, render("closeup.pipeline.loop", "loop.html.j2", values))


def _rows(state: LoopState) -> list[dict[str, Any]]:
    """What the table shows of each round, the newest first."""
    points, verdicts = (answers_until(state.rounds, kind) for kind in ("points", "verdicts"))
    rows = [
        {
            "round": one,
            "points": own_points,
            "verdicts": own_verdicts,
            "minutes": sum(one.seconds.values()) / 60,
        }
        for one, own_points, own_verdicts in zip(state.rounds, points, verdicts, strict=True)
    ]
    return rows[::-1]


def _curve(done: Sequence[LoopRound], kind: LoopKind) -> str:
    points, verdicts = (answers_until(tuple(done), name) for name in ("points", "verdicts"))
    return learning_curve_svg(
        [
            CurvePoint(point, verdict, one.figures[kind.goal], one.interval)
            for one, point, verdict in zip(done, points, verdicts, strict=True)
        ],
        kind.goal_text,
    )


def _sheet(path: Path) -> str:
    """The content of a sheet for an ``img``; empty if there is none."""
    return jpeg_uri(path.read_bytes()) if path.exists() else ""


def _svg_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode('ascii')}"
