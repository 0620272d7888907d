"""Settings from environment variables, read once into a frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders on this machine, and whether the work is commercial.

    Attributes:
        models: Folder in which model files are looked for first (``CLOSEUP_MODELS``); or None.
        cache: The folder that ``closeup models fetch`` fills: ``models`` below
            ``CLOSEUP_CACHE``, by default below ``~/.cache/closeup``.
        commercial: Whether results are for commercial use; models that are not free for it are
            then refused.

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
        """Read ``environment``, by default this process's; an empty value counts as unset."""
        values = os.environ if environment is None else environment
        models = values.get("CLOSEUP_MODELS")
        cache = Path(values.get("CLOSEUP_CACHE") or "~/.cache/closeup").expanduser()
        return cls(Path(models).expanduser() if models else None, cache / "models", commercial)
