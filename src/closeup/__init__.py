"""Closeup finds every face in a video, knows who each one is, and makes close-ups of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from closeup.errors import CloseupError
    from closeup.fancam.options import Absent, FancamOptions, Framing, Smoothing, Zoom
    from closeup.geometry import Size
    from closeup.pipeline.fancams import Fancams, make_fancams

__all__ = [
    "Absent",
    "CloseupError",
    "FancamOptions",
    "Fancams",
    "Framing",
    "Size",
    "Smoothing",
    "Zoom",
    "make_fancams",
]

_HOME = {
    "closeup.errors": ("CloseupError",),
    "closeup.fancam.options": ("Absent", "FancamOptions", "Framing", "Smoothing", "Zoom"),
    "closeup.geometry": ("Size",),
    "closeup.pipeline.fancams": ("Fancams", "make_fancams"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``import closeup`` itself takes no time."""
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
