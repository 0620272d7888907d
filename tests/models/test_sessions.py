import numpy as np
import pytest

from closeup.errors import ModelCorruptError
from closeup.models.dlib_onnx import resizing_onnx
from closeup.models.sessions import Network


@pytest.mark.parametrize("rubbish", [b"", b"not a network at all", bytes(1000)])
def test_rubbish_is_refused_in_one_line(rubbish: bytes) -> None:
    with pytest.raises(ModelCorruptError, match="onnxruntime cannot run yunet-n") as caught:
        Network(rubbish, "yunet-n")
    assert "\n" not in str(caught.value)
    assert "closeup models fetch yunet-n" in str(caught.value)


@pytest.mark.parametrize("threads", [None, 1, 2])
def test_outputs_come_by_name(threads: int | None) -> None:
    network = Network(resizing_onnx(), "resizing", threads)
    planes = np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4)
    results = network.run(planes=planes, shape=np.array([1, 3, 4, 4]))
    assert list(results) == ["resized"]
    np.testing.assert_array_equal(results["resized"], planes)
