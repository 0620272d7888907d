"""Check that the extra ``train`` is installed, before any of its packages is imported."""

from __future__ import annotations

from importlib.util import find_spec

from closeup.errors import TrainingError

_PACKAGES = ("torch", "lightning", "transformers", "onnxscript", "supervision")


def require_training() -> None:
    """Check that every package of the extra ``train`` is installed.

    Raises:
        TrainingError: a package is missing; the message has the command that installs it.

    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"training needs {', '.join(missing)}, not installed here; "
            "run: pip install 'closeup[train]'"
        )
