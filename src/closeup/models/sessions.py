"""Opens onnxruntime sessions, for all networks."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from closeup.models.files import damaged_model
from closeup.models.providers import providers

_ONLY_ERRORS = 3

_UNREADABLE = (
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NotImplemented,
    native.RuntimeException,
    UnicodeDecodeError,
)
"""Errors of opening a file that is damaged or of another kind."""

_EXACT = {"CUDAExecutionProvider": {"use_tf32": "0"}}
"""Options of providers; TF32 would reduce each number to ten bits of precision."""

UNSUITED = (native.Fail, native.InvalidArgument, native.RuntimeException)
"""Errors of :meth:`Network.run` for inputs that do not match the network."""


class Network:
    """An ONNX network, ready to run on the providers of :func:`closeup.models.providers.providers`.

    Attributes:
        inputs: Shape of each input by its name; a free dimension is a name or None.
        outputs: Names of the outputs.
        metadata: Metadata of the file, by keys that its authors chose.

    Args:
        model: The serialised network.
        name: Name of the network in error messages.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: onnxruntime cannot run these bytes.
        InputError: ``CLOSEUP_PROVIDERS`` names a provider that this onnxruntime does not have.

    """

    def __init__(self, model: bytes, name: str, threads: int | None = None) -> None:
        self._recipe = model, name, threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _ONLY_ERRORS
        # Waiting threads sleep: the decoder and the encoder need the processors meanwhile.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        chosen = [(name, _EXACT.get(name, {})) for name in providers()]
        try:
            self._session: Any = onnxruntime.InferenceSession(model, options, chosen)
            self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        except _UNREADABLE as error:
            reason = str(error).splitlines()[0]
            raise damaged_model(f"onnxruntime cannot run {name}: {reason}", name) from error
        self.inputs: dict[str, tuple[int | str | None, ...]] = {
            entry.name: tuple(entry.shape) for entry in self._session.get_inputs()
        }
        self.outputs = [str(entry.name) for entry in self._session.get_outputs()]

    def __reduce__(self) -> tuple[type, tuple[bytes, str, int | None]]:
        """Pickle as the bytes of the network, which another process opens."""
        return type(self), self._recipe

    def run(self, *wanted: str, **inputs: NDArray[np.generic]) -> dict[str, NDArray[np.float32]]:
        """Return outputs by their names.

        Args:
            wanted: Names of outputs; what only others need is not computed. If none is
                named, all are returned.
            inputs: Arrays of the network's declared shapes and dtypes.

        """
        names = list(wanted) or self.outputs
        return dict(zip(names, self._session.run(names, inputs), strict=True))
