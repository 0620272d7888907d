"""From the store of labels of an eye data set to training samples: which label of an eye counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.label_places import inside
from closeup.geometry import Size
from closeup.pipeline.training.eye_samples import samples_of
from closeup.pupils.calibration import LEAST_PHOTOS
from closeup.pupils.consensus import ConsensusWeights, pupil_consensus
from closeup.pupils.eye_crops import normalised
from closeup.store.label_records import StoredItem
from closeup.training.pupils.samples import PUPIL, EyeSamples

POINT = "pupil"
"""Name of the point in the tasks ``pupil`` and ``eye``."""


class EyeLabelSource(StrEnum):
    """Where the label of an eye comes from, or why there is none; the value is for people."""

    BY_HAND = "by hand"
    VERIFIED = "verified"
    """Proposed labels that were called true."""
    PSEUDO = "pseudo"
    """Proposed labels that nobody judged."""
    CONTRADICTORY = "contradictory"
    """Statements of people that cannot all be right."""
    HIDDEN = "hidden"
    """A person marked the pupil as hidden, so that its place is a guess."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EyeLabelPolicy:
    """Which labels of an eye are learnt from, and with which weight.

    Attributes:
        by_hand: Weight of a label by hand.
        verified: Weight of the mean of proposed labels that were called true.
        pseudo: Weight of proposed labels that nobody judged, at full agreement; 0 leaves them out.
        methods: Names of the methods that ``known`` is about, in its order; labels of others are
            no part of a consensus.
        known: Offsets and weights of the methods; None for those that :meth:`fitted` finds.
        far: Eye distances between labels called right from which on they contradict each other.
        same: Eye distances between a right and a wrong label below which they contradict each
            other.
        refuted: Eye distances from a wrong label below which a pseudo-label is wrong, too.

    Raises:
        ValueError: a weight is not within 0 and 1.

    """

    by_hand: float = 1.0
    verified: float = 0.7
    pseudo: float = 0.3
    methods: tuple[str, ...] = ()
    known: ConsensusWeights | None = None
    far: float = 0.12
    same: float = 0.005
    refuted: float = 0.015

    def __post_init__(self) -> None:
        for name in ("by_hand", "verified", "pseudo"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, not {getattr(self, name)}")

    def fitted(self, items: Iterable[StoredItem], unit: float) -> EyeLabelPolicy:
        """The policy with offsets and weights of the methods from the labels by hand.

        Args:
            items: The eyes; those with a label by hand and with labels of methods are used.
            unit: One eye distance in pixels of the crops.

        Returns:
            The same policy if fewer than five eyes have both.

        """
        pairs = []
        for item in items:
            said = _Said.of(item)
            if said.by_hand and said.by_method:
                pairs.append((np.mean(said.by_hand, axis=0), said.by_method))
        if len(pairs) < LEAST_PHOTOS:
            return self
        names = tuple(sorted({name for _, found in pairs for name in found}))
        nowhere = np.full(2, np.nan)
        found = np.array([[own.get(name, nowhere) for _, own in pairs] for name in names])
        truth = np.array([place for place, _ in pairs])
        known = ConsensusWeights.fitted(found / unit, truth / unit)
        return replace(self, methods=names, known=known)


@dataclass(frozen=True, slots=True)
class EyeLabel:
    """The label of an eye that counts.

    Attributes:
        source: Where it comes from.
        point: x, y in the crop's pixels; None without a label.
        weight: Weight in training, from 0 to 1.

    """

    source: EyeLabelSource
    point: tuple[float, float] | None = None
    weight: float = 0.0


def eye_label(item: StoredItem, unit: float, policy: EyeLabelPolicy) -> EyeLabel:
    """Decide which label of an eye counts.

    A label by hand, else the mean of the proposed ones that were called true, else a model's or
    the consensus of the methods; never one that was called false. A verdict counts for the
    revision that it judges: one of a label that was moved since is not among the item's.

    Args:
        item: The eye's item, with all labels and verdicts.
        unit: One eye distance in pixels of the crop.
        policy: What counts.

    """
    said = _Said.of(item)
    right = np.array([*said.by_hand, *said.true]).reshape(-1, 2)
    if said.hidden:
        return EyeLabel(EyeLabelSource.HIDDEN)
    if _extent(right) > policy.far * unit or _nearest(right, said.false) < policy.same * unit:
        return EyeLabel(EyeLabelSource.CONTRADICTORY)
    if said.by_hand:
        return _mean(EyeLabelSource.BY_HAND, said.by_hand, policy.by_hand)
    if said.true:
        return _mean(EyeLabelSource.VERIFIED, said.true, policy.verified)
    point, trust = _unjudged(said.unjudged, unit, policy)
    if not policy.pseudo * trust or _nearest(point, said.false) < policy.refuted * unit:
        return EyeLabel(EyeLabelSource.NONE)
    return _mean(EyeLabelSource.PSEUDO, [point], policy.pseudo * trust)


@dataclass(slots=True)
class _Said:
    """What is said of one pupil: places (2,) in the crop's pixels."""

    by_hand: list[NDArray[np.float64]] = field(default_factory=list)
    true: list[NDArray[np.float64]] = field(default_factory=list)
    false: list[NDArray[np.float64]] = field(default_factory=list)
    unjudged: list[Annotation] = field(default_factory=list)
    by_method: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    hidden: bool = False

    @classmethod
    def of(cls, item: StoredItem) -> _Said:
        """What the labels of an item say, the oldest first."""
        said = cls()
        for label in sorted(item.labels, key=lambda one: one.revision):
            if POINT in label.annotation.points:
                said._add(label.annotation)
        return said

    def _add(self, label: Annotation) -> None:
        by_hand = label.origin is Origin.PERSON
        if label.origin is Origin.COARSE:
            self.by_method[label.method] = _place(label)
        if label.verdict is LabelVerdict.FALSE:
            self.false.append(_place(label))
        elif by_hand and not label.points[POINT].visible:
            self.hidden = True
        elif by_hand:
            self.by_hand.append(_place(label))
        elif label.verdict is LabelVerdict.TRUE:
            self.true.append(_place(label))
        elif label.verdict is None:
            self.unjudged.append(label)


def _unjudged(
    labels: Sequence[Annotation], unit: float, policy: EyeLabelPolicy
) -> tuple[NDArray[np.float64], float]:
    """A place in the crop's pixels by labels without a verdict, and how far to trust it, 0 to 1.

    The newest label of a model counts, with its confidence; without one, the methods' consensus.
    """
    models = [label for label in labels if label.origin is Origin.MODEL]
    if models:
        return _place(models[-1]), 1.0 if models[-1].score is None else models[-1].score
    if not labels:
        return np.full(2, np.nan), 0.0
    by_method = {label.method: _place(label) / unit for label in labels}
    names = policy.methods if policy.known else tuple(by_method)
    known = policy.known or ConsensusWeights.equal(len(names))
    nowhere = np.full(2, np.nan)
    found = np.array([by_method.get(name, nowhere) for name in names]).reshape(-1, 1, 2)
    consensus = pupil_consensus(found, known)
    return consensus.points[0] * unit, float(consensus.agreement[0])


def _place(label: Annotation) -> NDArray[np.float64]:
    return np.array([label.points[POINT].x, label.points[POINT].y])


def _mean(source: EyeLabelSource, places: Sequence[NDArray[np.float64]], weight: float) -> EyeLabel:
    x, y = np.mean(places, axis=0).tolist()
    return EyeLabel(source, (x, y), weight)


def _extent(places: NDArray[np.float64]) -> float:
    """The largest distance between two of the places (n, 2)."""
    return float(np.linalg.norm(places[:, None] - places, axis=2).max(initial=0))


def _nearest(places: NDArray[np.float64], others: Sequence[NDArray[np.float64]]) -> float:
    """The smallest distance between the places (n, 2) or (2,) and the others."""
    far = places.reshape(-1, 1, 2) - np.array(others).reshape(1, -1, 2)
    return float(np.linalg.norm(far, axis=2).min(initial=np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class LabelledEyes:
    """The eyes of a data set with the labels that count.

    Attributes:
        samples: Eyes with a label, in the order of the data set; people are groups as in
            :func:`closeup.pipeline.training.eye_samples.samples_of`.
        sources: (n,) source of each sample's label.
        counts: Source → number of all eyes of the data set.

    """

    samples: EyeSamples
    sources: tuple[EyeLabelSource, ...]
    counts: Mapping[str, int]

    def of(self, source: EyeLabelSource) -> EyeSamples:
        """The samples with labels from one source."""
        return self.samples.chosen(np.array([own is source for own in self.sources], np.bool_))


def labelled_eyes(
    eyes: EyeStore, items: Iterable[StoredItem], policy: EyeLabelPolicy
) -> LabelledEyes:
    """Training samples of an eye data set by the labels and verdicts in its store.

    Args:
        eyes: The data set.
        items: Its items, such as those of
            :meth:`closeup.store.label_store.LabelStore.all_items`; an eye without one has no label.
        policy: Which labels count.

    Raises:
        InputError: the data set is not complete, or damaged.

    """
    unit, items = eyes.size.width / eyes.width, list(items)
    if policy.known is None:
        policy = policy.fitted(items, unit)
    decided = {item.path: eye_label(item, unit, policy) for item in items}
    nothing = EyeLabel(EyeLabelSource.NONE)
    labels = [decided.get(row.crop, nothing) for row in eyes.labels()]
    return _with_labels(samples_of(eyes), labels, eyes.size)


def _with_labels(samples: EyeSamples, labels: Sequence[EyeLabel], size: Size) -> LabelledEyes:
    """The samples with other labels; those without one, or beside the crop, are left out."""
    places = np.array([label.point or (np.nan, np.nan) for label in labels]).reshape(-1, 2)
    points = samples.points.copy()
    points[:, PUPIL] = normalised(places, size)
    known = inside(points[:, PUPIL])
    weight = np.array([label.weight for label in labels], np.float32)
    sources = [
        label.source if shown else _without(label.source)
        for label, shown in zip(labels, known, strict=True)
    ]
    return LabelledEyes(
        replace(samples, points=points, weight=weight).chosen(known),
        tuple(source for source, shown in zip(sources, known, strict=True) if shown),
        {source.value: count for source, count in sorted(Counter(sources).items())},
    )


def _without(source: EyeLabelSource) -> EyeLabelSource:
    """The source of an eye whose label lies outside of its crop, or that has none."""
    labels = {EyeLabelSource.BY_HAND, EyeLabelSource.VERIFIED, EyeLabelSource.PSEUDO}
    return EyeLabelSource.NONE if source in labels else source
