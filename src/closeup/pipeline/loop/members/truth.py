"""The truth of a stage's heads, and an oracle that answers from it in place of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.geometry import Boxes, iou
from closeup.labels import Box as Edges
from closeup.pipeline.loop.loop_options import OracleOptions
from closeup.pipeline.loop.members.frames import frame_of
from closeup.pipeline.loop.members.labels import SAME_HEAD, is_by_hand
from closeup.pipeline.loop.oracles import rng_of, sometimes_wrong
from closeup.store.label_records import StoredItem, StoredLabel
from closeup.synthesis.truth import truth_paths
from closeup.testing import LabelledFrames, read_labelled_frames, read_truth


@dataclass(frozen=True, slots=True, eq=False)
class TrueHeads:
    """The named heads of one frame.

    Attributes:
        names: (n) names; people who are no members may be among them.
        boxes: (n, 4) float32 xyxy in pixels; the centre of the first pixel is at 0.
        visible: (n,) bool; False for a head behind others, which need not be found.

    """

    names: tuple[str, ...]
    boxes: Boxes
    visible: tuple[bool, ...]


class StageTruth:
    """The heads in some frames of a stage.

    Args:
        frames: The labelled frames.
        from_edge: Whether coordinates are counted from the edge of the first pixel, as in tables
            that people make, and not from its centre.

    """

    def __init__(self, frames: LabelledFrames, *, from_edge: bool) -> None:
        self._frames, self._shift = frames, np.float32(0.5 * from_edge)

    @classmethod
    def read(cls, path: Path) -> StageTruth:
        """Read a table with the columns ``frame,member,x1,y1,x2,y2``, or the truth of a scene.

        Args:
            path: The table; or ``NAME.truth.csv`` as ``closeup.testing.write_scene`` writes it.

        Raises:
            InputError: the file cannot be read, or is not such a table.

        """
        video = path.with_name(path.name.removesuffix(".truth.csv"))
        if path.name.endswith(".truth.csv") and truth_paths(video)[1].exists():
            return cls(LabelledFrames.of(read_truth(video), every=1), from_edge=False)
        return cls(read_labelled_frames(path), from_edge=True)

    def heads(self, item: StoredItem) -> TrueHeads | None:
        """The heads of a frame; None if the truth says nothing of it."""
        frame = frame_of(item)
        if frame is None or frame not in self._frames.heads:
            return None
        visible = self._frames.heads[frame]
        hidden = self._frames.hidden.get(frame, {})
        rows = [*visible.items(), *hidden.items()]
        boxes = [[box.x1, box.y1, box.x2, box.y2] for _, box in rows]
        return TrueHeads(
            tuple(name for name, _ in rows),
            np.array(boxes, np.float32).reshape(-1, 4) - self._shift,
            tuple(name in visible for name, _ in rows),
        )


@dataclass(frozen=True, slots=True, eq=False)
class BoxOracle:
    """Answers from the truth of a stage; see :class:`closeup.pipeline.loop.loop_kind.Oracle`.

    Attributes:
        truth: The truth.
        members: Names of those whose boxes are drawn.
        options: Noise, in sides of the box for the edges of boxes by hand; and tolerance, by
            default 1 minus :data:`closeup.pipeline.loop.members.labels.SAME_HEAD`.
        seed: Determines the mistakes.

    """

    truth: StageTruth
    members: tuple[str, ...]
    options: OracleOptions
    seed: int = 0

    def verdict(self, item: StoredItem, label: StoredLabel) -> LabelVerdict:
        """True if name and place are right; see :meth:`.loop_kind.Oracle.verdict`."""
        heads = self.truth.heads(item)
        if heads is None or label.annotation.box is None:
            return LabelVerdict.UNSURE
        own = [place for place, name in enumerate(heads.names) if name == label.annotation.name]
        box = np.array([label.annotation.box], np.float32)
        tolerance = self.options.tolerance
        least = SAME_HEAD if tolerance is None else 1 - tolerance
        right = float(iou(box, heads.boxes[own]).max(initial=0.0)) >= least
        verdict = LabelVerdict.TRUE if right else LabelVerdict.FALSE
        return sometimes_wrong(verdict, self.options.wrong, self.seed, item.path, label.object)

    def labels(self, item: StoredItem) -> Mapping[str, Annotation | None]:
        """A box for each visible head of a member, in place of all that was proposed."""
        heads = self.truth.heads(item)
        if heads is None:
            return {}
        rows = zip(heads.names, heads.boxes, heads.visible, strict=True)
        proposed = [
            own for own in item.labels if not own.annotation.verdict and not is_by_hand(own)
        ]
        return {label.object: None for label in proposed} | {
            f"hand-{name}": self._drawn(item, name, box)
            for name, box, visible in rows
            if visible and name in self.members
        }

    def _drawn(self, item: StoredItem, name: str, box: Boxes) -> Annotation:
        side = float(np.ptp(box.reshape(2, 2), axis=0).max())
        noise = rng_of("box", self.seed, item.path, name).normal(0, self.options.noise, 4)
        drawn = box + side * noise
        (x1, x2), (y1, y2) = sorted(drawn[[0, 2]].tolist()), sorted(drawn[[1, 3]].tolist())
        edges: Edges = (x1, y1, x2, y2)
        return Annotation(name=name, box=edges, origin=Origin.PERSON)
