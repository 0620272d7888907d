from __future__ import annotations

import subprocess
import sys

import pytest

from closeup.errors import TrainingError
from closeup.training.requirements import require_training


def test_all_is_there() -> None:
    require_training()


def test_what_is_missing_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightning", None)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(TrainingError) as caught:
        require_training()
    assert str(caught.value) == (
        "training needs lightning, transformers, not installed here; "
        "run: pip install 'closeup[train]'"
    )


def test_asking_imports_none_of_it() -> None:
    script = (
        "import sys; from closeup.training.requirements import require_training; "
        "require_training(); assert not {'torch', 'lightning', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
