"""The folder of one training: its files, and the options it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from closeup.files.workfolder import WorkFolder
from closeup.training.options import TrainingOptions

_ELSEWHERE = ("device", "mixed")
"""Options that may differ: a training may resume on another machine."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of the files of one training.

    Attributes:
        path: The folder; it need not exist yet.

    """

    path: Path

    @property
    def last(self) -> Path:
        """The checkpoint after the last epoch."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The weights of the best epoch."""
        return self.path / "checkpoints" / "best.ckpt"

    @property
    def history(self) -> Path:
        """The table with one row per epoch."""
        return self.path / "history.csv"

    @property
    def curves(self) -> Path:
        """The history as a picture."""
        return self.path / "curves.png"

    @property
    def training(self) -> Path:
        """The options and fingerprint of the training in this folder."""
        return self.path / "training.json"

    def claim(self, options: TrainingOptions, fingerprint: str) -> None:
        """Record that this folder belongs to such a training, or check that it already does.

        Raises:
            InputError: the folder belongs to another training.
            OutputError: the folder cannot be written.

        """
        key = {"options": _deciding(options), "fingerprint": fingerprint}
        work = WorkFolder(
            self.path,
            self.training.name,
            key,
            fingerprints={"fingerprint": "other samples, another network or another loss"},
            foreign=(str(self.last.relative_to(self.path)),),
        )
        if work.earlier() is None:
            packages = {name: version(name) for name in ("closeup", "torch", "lightning")}
            work.write({"versions": packages})


def _deciding(options: TrainingOptions) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if name not in _ELSEWHERE}
