"""All functions that choose what is labelled next, by name."""

from __future__ import annotations

from collections.abc import Mapping

from closeup.acquisition.acquisition import Acquisition
from closeup.acquisition.covariance import covariance
from closeup.acquisition.diversity import core_set, typicality
from closeup.acquisition.mixture import Mixture
from closeup.acquisition.uncertainty import UNCERTAINTIES, drawn_at_random
from closeup.errors import InputError

ACQUISITIONS: Mapping[str, Acquisition] = {
    "mixed": Mixture(),
    "random": drawn_at_random,
    **UNCERTAINTIES,
    "core-set": core_set,
    "typicality": typicality,
    "covariance": covariance,
}
"""Name → function; the first is the default of ``closeup next``."""


def acquisition_of(name: str) -> Acquisition:
    """The function of a name.

    Raises:
        InputError: there is none of this name.

    """
    try:
        return ACQUISITIONS[name]
    except KeyError:
        known = ", ".join(ACQUISITIONS)
        raise InputError(f"{name!r} is no strategy; known are {known}") from None
