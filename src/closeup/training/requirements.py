"""Whether the extra ``train`` is installed, asked before anything of it is imported."""

from __future__ import annotations

from importlib.util import find_spec

from closeup.errors import TrainingError

_PACKAGES = ("torch", "lightning", "transformers", "onnxscript", "supervision")


def require_training() -> None:
    """Make sure that every package of the extra ``train`` is there.

    Raises:
        TrainingError: one is missing; the message has the command that installs it.

    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"training needs {', '.join(missing)}, not installed here; "
            "run: pip install 'closeup[train]'"
        )
