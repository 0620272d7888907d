"""Which eyes and which proposed pupils may be asked next, with what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.candidates import LabelCandidates
from closeup.pipeline.loop.loop_kind import LabelPool
from closeup.pipeline.loop.pupils.doubts import QUALITY, DoubtedLabels, doubted_labels
from closeup.pipeline.loop.pupils.ensemble import proposal_key, read_ensemble
from closeup.pipeline.loop.pupils.eye_labels import EyeLabelSource
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.progress import Progress
from closeup.store.label_queue import Unit

_BY_HAND = EyeLabelSource.BY_HAND


@dataclass(frozen=True, slots=True, eq=False)
class PupilPools:
    """The eyes of a project at the beginning of a round.

    Attributes:
        eyes: All eyes.
        coarse: Names of the coarse methods.
        models: The models of the last round; none in the first.
        version: Version of the labels that they proposed.
        progress: Receives stages.

    """

    eyes: LoopEyes
    coarse: Sequence[str]
    models: Sequence[Path]
    version: str
    progress: Progress

    def to_judge(self) -> LabelPool:
        """Proposed pupils of the last models, or of the coarse method nearest to the others."""
        keys = {n: self._proposed(n) for n in self.eyes.learning if self.eyes.eyes[n].open}
        chosen = [n for n, key in keys.items() if key]
        units = [Unit(self.eyes.eyes[n].item.id, keys[n]) for n in chosen]
        doubts = self._doubts(chosen, [keys[n] for n in chosen])
        return LabelPool(units, self._measured(chosen, doubts))

    def to_label(self) -> LabelPool:
        """Eyes without a true label; those that are called false, or look so, come first."""
        chosen = [n for n in self.eyes.learning if self.eyes.eyes[n].open]
        doubts = self._doubts(chosen, [self._proposed(n) for n in chosen])
        units = [Unit(self.eyes.eyes[n].item.id) for n in chosen]
        return LabelPool(units, self._measured(chosen, doubts), self._urgent(chosen, doubts))

    def to_measure(self, seed: int) -> Sequence[Unit]:
        """Eyes of held-out people without a label by hand, in random order."""
        order = np.random.default_rng(seed).permutation(len(self.eyes.eyes))
        held_out = np.flatnonzero(self.eyes.held_out)
        rows = held_out[np.argsort(order[held_out])].tolist()
        eyes = [self.eyes.eyes[n] for n in rows]
        return [Unit(eye.item.id) for eye in eyes if eye.open]

    def _urgent(self, chosen: Sequence[int], doubts: DoubtedLabels | None) -> dict[int, str]:
        first: dict[int, str] = {}
        for place, n in enumerate(chosen):
            if self.eyes.eyes[n].label.source is EyeLabelSource.CONTRADICTORY:
                first[place] = "answers about it contradict each other"
        for place, n in enumerate(chosen):
            if self.eyes.eyes[n].called_false:
                first.setdefault(place, "its proposed label was called false")
        for place in [] if doubts is None else doubts.both.tolist():
            why = f"its proposed label looks wrong (P = {doubts.bad[place]:.2f})" if doubts else ""
            first.setdefault(place, why)
        return first

    def _doubts(self, chosen: Sequence[int], keys: Sequence[str]) -> DoubtedLabels | None:
        if not self.models:
            return None
        model = self.models[0].with_name(QUALITY)
        return doubted_labels(model, self.eyes, chosen, keys, self.progress)

    def _proposed(self, number: int) -> str:
        """Key of the label of an eye that is judged; empty without one."""
        eye = self.eyes.eyes[number]
        keys = (proposal_key(self.version),) if self.models else self.coarse
        undecided = {
            own.object: eye.place_by(own.object)
            for own in eye.item.labels
            if own.object in keys and own.annotation.verdict is None
        }
        middle = np.median([*undecided.values()], axis=0) if undecided else np.zeros(2)
        far = {key: float(np.linalg.norm(own - middle)) for key, own in undecided.items()}
        return min(far, key=lambda key: far[key], default="")

    def _measured(self, chosen: Sequence[int], doubts: DoubtedLabels | None) -> LabelCandidates:
        """What is known of eyes: the models' answers, and how far the coarse methods are."""
        pictures = [self.eyes.eyes[n].item.id for n in chosen]
        if not self.models:
            return LabelCandidates(np.array(pictures, np.int64))
        by_hand = [n for n in self.eyes.learning if self.eyes.eyes[n].label.source is _BY_HAND]
        measured = read_ensemble(self.models, self.eyes, [*chosen, *by_hand], self.progress)
        coarse = np.array([self._coarse(n) for n in chosen]).reshape(-1, 2)
        far = np.linalg.norm(measured.mean[: len(chosen)] - coarse, axis=1) / self.eyes.unit
        return measured.candidates(
            range(len(chosen)), pictures, range(len(chosen), len(measured)),
            disagreement=far, bad=None if doubts is None else doubts.bad,
        )  # fmt: skip

    def _coarse(self, number: int) -> NDArray[np.float64]:
        """(2,) median of the coarse methods in the crop's pixels; NaN without any."""
        found = np.array([self.eyes.eyes[number].place_by(name) for name in self.coarse])
        known = found[np.isfinite(found).all(axis=1)]
        return np.median(known, axis=0) if len(known) else np.full(2, np.nan)
