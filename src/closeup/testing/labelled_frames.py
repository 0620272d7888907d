"""Scores positions in a video against heads that were labelled in some of its frames.

Footage that nobody composed has no truth in every frame. A person labels the heads of the people
in, say, every tenth frame, in a table with the columns ``frame,member,x1,y1,x2,y2``; people who
are not members may be labelled too, under any other name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from closeup.errors import InputError
from closeup.files.tables import Row, read_table
from closeup.geometry import Box
from closeup.synthesis.truth import Truth
from closeup.tracks import PositionSource, Trajectory

REACH = 0.8
"""Largest distance of a position from the middle of its head, in x and in y, in longer sides of
the label: a detector's box may cover the face where the label covers the head."""

_COLUMNS = ("frame", "member", "x1", "y1", "x2", "y2")


class Outcome(StrEnum):
    """What a member's position in one frame is worth."""

    RIGHT = "right"
    """On the member's own head."""
    MISSED = "missed"
    """The member is visible and has no position."""
    WRONG = "wrong"
    """On another person's head."""
    NOTHING = "nothing"
    """On no head."""


class JudgedPosition(NamedTuple):
    """The outcome for one member in one labelled frame.

    Attributes:
        frame: Index of the frame.
        member: Name of the member.
        outcome: What the position is worth.
        confidence: Confidence of the position, 0..1; 0 if the member has none.
        source: Where the position comes from; ABSENT if the member has none.

    """

    frame: int
    member: str
    outcome: Outcome
    confidence: float
    source: PositionSource


@dataclass(frozen=True, slots=True)
class LabelledFrames:
    """The heads of all people in some frames of a video.

    Attributes:
        heads: Frame → name → head box in pixels, for people of whom at least half of the head is
            visible. A frame in which nobody is visible has an empty mapping.
        hidden: The same for heads that lie behind others: a member's position on the own hidden
            head counts neither for nor against.

    """

    heads: Mapping[int, Mapping[str, Box]]
    hidden: Mapping[int, Mapping[str, Box]] = field(default_factory=dict)

    @classmethod
    def of(cls, truth: Truth, every: int = 10) -> LabelledFrames:
        """Labels of every ``every``-th frame of a scene with known truth."""
        heads: dict[int, dict[str, Box]] = {frame: {} for frame in range(0, len(truth), every)}
        hidden: dict[int, dict[str, Box]] = {frame: {} for frame in heads}
        for row in truth.rows():
            if row.frame in heads:
                (heads if row.visible else hidden)[row.frame][row.name] = row.box
        return cls(heads, hidden)

    def visible(self, members: Iterable[str]) -> int:
        """Number of labelled heads of these members."""
        return sum(name in labels for name in members for labels in self.heads.values())

    def judged(self, trajectories: Sequence[Trajectory]) -> list[JudgedPosition]:
        """Compare the position of each member in each labelled frame with the labels.

        Args:
            trajectories: One per member.

        Returns:
            The judged positions. A member who is neither visible nor has a position is left out.

        Raises:
            InputError: a labelled frame lies behind the end of a trajectory.

        """
        return [judged for own in trajectories for judged in self._of_member(own)]

    def _of_member(self, trajectory: Trajectory) -> Iterator[JudgedPosition]:
        if self.heads and max(self.heads) >= len(trajectory):
            raise InputError(
                f"frame {max(self.heads)} is labelled, but {trajectory.name} has "
                f"{len(trajectory)} positions; score the whole video"
            )
        for frame in self.heads:
            position = Box(*trajectory.boxes[frame].tolist()) if trajectory.present[frame] else None
            outcome = self._outcome(trajectory.name, frame, position)
            if outcome is not None:
                confidence = float(trajectory.confidence[frame])
                source = PositionSource(trajectory.sources[frame])
                yield JudgedPosition(frame, trajectory.name, outcome, confidence, source)

    def _outcome(self, member: str, frame: int, position: Box | None) -> Outcome | None:
        labels = self.heads[frame]
        own = labels.get(member)
        if position is None:
            return None if own is None else Outcome.MISSED
        if own is not None and _on(position, own):
            return Outcome.RIGHT
        hidden = self.hidden.get(frame, {}).get(member)
        if hidden is not None and _on(position, hidden):
            return None
        others = (head for name, head in labels.items() if name != member)
        return Outcome.WRONG if any(_on(position, head) for head in others) else Outcome.NOTHING


class LabelScore(NamedTuple):
    """Counts of outcomes over members and labelled frames.

    Attributes:
        visible: Labelled heads of the members.
        right: Positions on the member's own head.
        missed: Visible heads without a position.
        wrong: Positions on another person's head.
        nothing: Positions on no head.

    """

    visible: int
    right: int
    missed: int
    wrong: int
    nothing: int

    @classmethod
    def of(cls, positions: Iterable[JudgedPosition], visible: int) -> LabelScore:
        """Count the judged positions of members of whom ``visible`` heads are labelled."""
        counts = Counter(position.outcome for position in positions)
        return cls(visible, *(counts[outcome] for outcome in Outcome))

    @property
    def shown(self) -> int:
        """Number of positions."""
        return self.right + self.wrong + self.nothing

    @property
    def wrong_of_shown(self) -> float:
        """Share of the positions that are on another person; 0 without a position."""
        return self.wrong / self.shown if self.shown else 0.0

    def share(self, outcome: Outcome) -> float:
        """Number of an outcome over the visible heads; 0 if none is visible."""
        return float(getattr(self, outcome)) / self.visible if self.visible else 0.0


def read_labelled_frames(path: Path | str) -> LabelledFrames:
    """Read a table of labelled heads with the columns ``frame,member,x1,y1,x2,y2``.

    Raises:
        InputError: the file cannot be read, a column is missing, or a row is not valid.

    """
    table = read_table(Path(path), _COLUMNS[0])
    table.need(_COLUMNS)
    columns = [table.columns[name] for name in _COLUMNS]
    heads: dict[int, dict[str, Box]] = {}
    for row in table:
        frame, member, box = _parsed(row, columns)
        if member in heads.setdefault(frame, {}):
            raise InputError(f"{row.place}: {member} is labelled twice in frame {frame}; keep one")
        heads[frame][member] = box
    return LabelledFrames(heads)


def _parsed(row: Row, columns: Sequence[int]) -> tuple[int, str, Box]:
    frame, member, *edges = columns
    index = row.whole(frame, "frame")
    numbers = [row.number(edge, name) for edge, name in zip(edges, _COLUMNS[2:], strict=True)]
    given = [number for number in numbers if number is not None]
    if index is None or index < 0 or len(given) < len(numbers):
        raise InputError(f"{row.place}: frame or box is empty or negative; fill it in")
    box = Box(*given)
    if not (box.width > 0 and box.height > 0):
        raise InputError(f"{row.place}: the box has no area; give x1 < x2 and y1 < y2")
    return index, row.cells[member], box


def _on(position: Box, head: Box) -> bool:
    """Whether the middle of a position is near the middle of a head."""
    reach = REACH * max(head.width, head.height)
    # Labels have their edges at pixel edges; a position's pixel has its centre at an integer.
    away = np.abs(np.array(position.centre) + 0.5 - head.centre)
    return bool((away < reach).all())
