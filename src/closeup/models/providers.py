"""The choice of onnxruntime's execution providers, made once for all networks."""

from __future__ import annotations

import os
from collections.abc import Sequence

from closeup.errors import InputError

VARIABLE = "CLOSEUP_PROVIDERS"
"""Name of the environment variable."""

_ENDING = "ExecutionProvider"
_CPU = f"CPU{_ENDING}"

_AUTOMATIC = tuple(f"{name}{_ENDING}" for name in ("CUDA", "ROCM", "MIGraphX", "Dml", "OpenVINO"))
"""Used by default, in this order: a user who has them installed a build of onnxruntime
for such a processor. TensorRT and CoreML, which compile anew for every size of picture, must be
named explicitly, and so must providers that send data to other machines."""


def providers(named: str | None = None, offered: Sequence[str] | None = None) -> list[str]:
    """Return the execution providers to use, the preferred one first and the CPU last.

    Args:
        named: Comma-separated names such as ``cuda,cpu`` or ``CUDAExecutionProvider``; by default
            the environment variable ``CLOSEUP_PROVIDERS``. If that is empty, suitable providers
            of onnxruntime are chosen automatically.
        offered: Available providers; those of the installed onnxruntime by default.

    Raises:
        InputError: a name is not among those offered.

    """
    named = os.environ.get(VARIABLE, "") if named is None else named
    if offered is None:
        import onnxruntime  # imported late, so that help texts appear quickly

        offered = list(onnxruntime.get_available_providers())
    wanted = [name.strip() for name in named.split(",") if name.strip()]
    if not wanted:
        return [*(name for name in _AUTOMATIC if name in offered), _CPU]
    by_name = {_short(name): name for name in offered}
    for name in wanted:
        if _short(name) not in by_name:
            raise InputError(
                f"{VARIABLE}: this onnxruntime has no {name}; name some of {', '.join(by_name)}"
            )
    chosen = [by_name[_short(name)] for name in wanted]
    return list(dict.fromkeys([*chosen, _CPU]))


def provider_line(chosen: Sequence[str] | None = None) -> str | None:
    """Describe the providers in one line for users; None if all runs on the CPU.

    Args:
        chosen: Providers; those of :func:`providers` by default.

    Raises:
        InputError: as :func:`providers`.

    """
    first, *_ = providers() if chosen is None else chosen
    if first == _CPU:
        return None
    name = first.removesuffix(_ENDING)
    return f"networks run with {name} where it can, else on the CPU ({VARIABLE}=cpu: only there)"


def _short(name: str) -> str:
    return name.removesuffix(_ENDING).lower()
