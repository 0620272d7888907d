"""Split of eyes into training and held-out samples."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from closeup.training.pupils.same_crops import numbered
from closeup.training.pupils.samples import EyeSamples


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Indices of training and held-out samples.

    Attributes:
        training: (k,) indices of the training samples, ascending.
        held_out: (n - k,) indices of the held-out samples, ascending.
        notes: Warnings about the split for the user, one line each.

    """

    training: NDArray[np.int64]
    held_out: NDArray[np.int64]
    notes: tuple[str, ...] = ()


def split(samples: EyeSamples, share: float = 0.1, seed: int = 0) -> Split:
    """Hold out about ``share`` of the samples; a person is never on both sides.

    A hash of seed and group decides, so that a person falls on the same side in every data
    set; if that would hold out far too few or too many samples, as with few people, groups
    are added one by one. Groups with a common crop (the same photo under two names) count as
    one. If all samples are one group, as in a video, one contiguous stretch is held out,
    because neighbouring frames are nearly the same picture.

    Args:
        samples: At least two.
        share: Fraction of the samples to hold out, above 0 and below 1.
        seed: Another seed holds out other samples.

    Raises:
        ValueError: ``share`` is out of range, or there are fewer than two samples.

    """
    if not 0 < share < 1 or len(samples) < 2:
        raise ValueError(f"{share} of {len(samples)} samples cannot be kept apart")
    crops = numbered(samples.crops)
    groups, notes = _one_photo_one_group(samples.groups, crops)
    apart = groups_apart(groups, share, seed)
    if apart is None:
        apart = _stretch(samples.faces, share, seed)
        notes.append(
            "all eyes are of one person or video, so the held-out ones are, too: "
            "the figures on them are optimistic"
        )
        shared = int(np.isin(crops[apart], crops[~apart]).sum())
        if shared:
            notes.append(f"{shared} of {apart.sum()} held-out crops are also in the training part")
    return Split(np.flatnonzero(~apart), np.flatnonzero(apart), tuple(notes))


def _one_photo_one_group(
    groups: NDArray[np.int64], crops: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[str]]:
    """Groups (n,), with groups that share a crop merged; and notes about merged ones."""
    names, own = np.unique(groups, return_inverse=True)
    kinds = np.unique(crops, return_inverse=True)[1] + len(names)
    size = int(kinds.max()) + 1
    links = coo_array((np.ones(len(own), np.int8), (own, kinds)), shape=(size, size))
    count, part = connected_components(links, directed=False)
    if count == len(names):
        return groups, []
    # The smallest name of the merged groups: it does not depend on the rest of the set.
    least = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(least, part[: len(names)], names)
    joined = len(names) - count
    note = (
        f"{joined + 1} groups have the same crop as another" if joined > 1 else
        "two groups have the same crop"
    )  # fmt: skip
    return least[part[own]], [f"{note}: the same photo under two names, so they stay together"]


def groups_apart(groups: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_] | None:
    """Hold out whole groups.

    Args:
        groups: (n,) group of each sample.
        share: Fraction of the samples to hold out, above 0 and below 1.
        seed: Another seed holds out other groups.

    Returns:
        Mask (n,) of the held-out samples; None if no group can be held out.

    """
    names, own, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    lots = np.array([_lot(seed, name) for name in names.tolist()])
    wanted = share * len(groups)
    drawn = lots < share
    if not wanted / 2 <= sizes[drawn].sum() <= min(2 * wanted, len(groups) - 1):
        drawn = _one_by_one(sizes, lots, wanted)
    apart = np.asarray(drawn[own])
    return apart if 0 < apart.sum() <= max(2 * wanted, len(groups) / 2) else None


def _one_by_one(
    sizes: NDArray[np.int64], lots: NDArray[np.float64], wanted: float
) -> NDArray[np.bool_]:
    """Groups in the order of their lots, if they fit; the smallest group if none fits."""
    drawn, total = np.zeros(len(sizes), np.bool_), 0
    for group in np.argsort(lots, kind="stable"):
        if total + sizes[group] <= wanted:
            drawn[group], total = True, total + sizes[group]
    if not total:
        drawn[np.argmin(sizes)] = True
    return drawn


def _lot(seed: int, group: int) -> float:
    digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _stretch(faces: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Mask (n,) of the eyes of one stretch of consecutive faces."""
    _, order = np.unique(faces, return_index=True)
    in_order = faces[np.sort(order)]
    count = max(1, min(round(share * len(in_order)), len(in_order) - 1))
    first = round(_lot(seed, -1) * (len(in_order) - count))
    apart = np.isin(faces, in_order[first : first + count])
    if apart.all():  # only one face: split its eyes
        apart[1:] = False
    return np.asarray(apart)
