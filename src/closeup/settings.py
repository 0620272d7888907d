"""What the environment says, read once into one frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are on this machine.

    Attributes:
        models: A folder of model files to look in first (``CLOSEUP_MODELS``), or None.
        cache: The folder that ``closeup models fetch`` fills: ``models`` below
            ``CLOSEUP_CACHE``, or below ``~/.cache/closeup``.
        commercial: Whether results are for commercial use: then models that are not free
            for it are refused.

    """

    models: Path | None
    cache: Path
    commercial: bool = False

    @property
    def calibrations(self) -> Path:
        """The folder that ``closeup calibrate identity`` fills for embedders of the catalogue."""
        return self.cache / "calibrations"

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, commercial: bool = False
    ) -> Settings:
        """Read ``environment``, by default that of this process; an empty value counts as unset."""
        values = os.environ if environment is None else environment
        models = values.get("CLOSEUP_MODELS")
        cache = Path(values.get("CLOSEUP_CACHE") or "~/.cache/closeup").expanduser()
        return cls(Path(models).expanduser() if models else None, cache / "models", commercial)
