"""The folder of one training: its files, and what it is the training of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.training.options import TrainingOptions

_ELSEWHERE = ("device", "mixed")
"""Options that may differ: a training may go on on another machine."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where everything of one training is.

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
        """One row an epoch."""
        return self.path / "history.csv"

    @property
    def curves(self) -> Path:
        """The history as a picture."""
        return self.path / "curves.png"

    @property
    def training(self) -> Path:
        """What is trained here, and how."""
        return self.path / "training.json"

    def claim(self, options: TrainingOptions, fingerprint: str) -> None:
        """Make this the folder of such a training, or see that it already is.

        Raises:
            InputError: it is the folder of another training.
            OutputError: nothing can be written in it.

        """
        if self.training.exists():
            self._compare(options, fingerprint)
            return
        if self.last.exists():
            raise InputError(
                f"{self.path} has a checkpoint of an unknown training ({self.training.name} is "
                "missing); choose another folder"
            )
        packages = {name: version(name) for name in ("closeup", "torch", "lightning")}
        told = {"fingerprint": fingerprint, "options": asdict(options), "versions": packages}
        write_text(self.training, json.dumps(told, indent=2) + "\n")

    def _compare(self, options: TrainingOptions, fingerprint: str) -> None:
        told = self._read()
        before, now = told["options"], asdict(options)
        differing = [
            f"{name} {_as_text(before.get(name))} instead of {_as_text(now[name])}"
            for name in now
            if name not in _ELSEWHERE and before.get(name) != now[name]
        ]
        if told["fingerprint"] != fingerprint:
            differing.append("other samples, another network or another loss")
        if differing:
            raise InputError(
                f"{self.path} holds another training, with {', '.join(differing)}; "
                "choose another folder"
            )

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self.training.read_text(encoding="utf-8"))
            if isinstance(told["options"], dict) and isinstance(told["fingerprint"], str):
                return dict(told)
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).partition("\n")[0]
        else:
            reason = "options or fingerprint are of another kind"
        raise InputError(f"cannot read {self.training}: {reason}; choose another folder")


def _as_text(value: object) -> str:
    return "none" if value is None else str(value)
