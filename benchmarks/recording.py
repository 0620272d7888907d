"""Where measurements find real data, and where their results go."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from closeup.settings import Settings

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def shared_data() -> Path:
    """The folder of real photos and videos: ``CLOSEUP_TEST_DATA`` or ``../shared/data``."""
    return Path(os.environ.get("CLOSEUP_TEST_DATA", ROOT.parent / "shared" / "data"))


def settings() -> Settings:
    """Settings of this machine; the models beside the real data when no other are named."""
    own = Settings.from_environment()
    return own if own.models else Settings(shared_data().parent / "models", own.cache)


def save(name: str, result: dict[str, Any]) -> None:
    """Write ``results/NAME.json``, with the number of processors of this machine."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"processors": os.cpu_count(), **result}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n")
