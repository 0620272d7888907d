from __future__ import annotations

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.models.dlib_onnx import resizing_onnx
from closeup.models.providers import VARIABLE, provider_line, providers
from closeup.models.sessions import Network
from closeup.opening import open_detector
from closeup.settings import Settings
from tests.pipeline.running import Listener

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
OFFERED = ["TensorrtExecutionProvider", CUDA, "AzureExecutionProvider", CPU]


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        ("", [CUDA, CPU]),
        (" , ", [CUDA, CPU]),
        ("cpu", [CPU]),
        ("CUDAExecutionProvider", [CUDA, CPU]),
        ("TensorRT, cuda", ["TensorrtExecutionProvider", CUDA, CPU]),
        ("cpu,cuda,cpu", [CPU, CUDA]),
    ],
)
def test_the_preferred_one_comes_first_and_the_cpu_is_always_there(
    named: str, chosen: list[str]
) -> None:
    assert providers(named, OFFERED) == chosen


def test_what_sends_data_elsewhere_is_never_taken_unasked() -> None:
    assert providers("", ["AzureExecutionProvider", "CoreMLExecutionProvider", CPU]) == [CPU]


def test_another_processor_than_the_cpu_is_told() -> None:
    assert provider_line([CPU]) is None
    line = provider_line([CUDA, CPU])
    assert line is not None
    assert line.startswith("networks run with CUDA where it can, else on the CPU")
    assert "\n" not in line


def test_networks_run_with_the_named_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "CPUExecutionProvider")
    planes = np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4)
    results = Network(resizing_onnx(), "resizing").run(planes=planes, shape=np.array([1, 3, 4, 4]))
    np.testing.assert_array_equal(results["resized"], planes)


def test_a_wrong_name_is_refused_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "cpu,warp")
    told = r"^CLOSEUP_PROVIDERS: this onnxruntime has no warp; name some of .*\bcpu\b[^\n]*$"
    with pytest.raises(InputError, match=told):
        Network(resizing_onnx(), "resizing")
    with pytest.raises(InputError, match=told):
        open_detector("haar", settings=Settings.from_environment({}), progress=Listener())
