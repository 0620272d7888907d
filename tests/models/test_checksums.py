from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from closeup.errors import ModelCorruptError, ModelMissingError
from closeup.models.checksums import PROPERTY, UNKNOWN, check_checksum, with_checksum
from closeup.models.files import read_model


def model(**properties: str) -> bytes:
    """A network that returns its input."""
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "g", value[:1], value[1:]
    )
    made = helper.make_model(graph)
    onnx.helper.set_model_props(made, properties)
    return bytes(made.SerializeToString())


def test_a_checksum_changes_nothing_else() -> None:
    given = model(task="pupils", **{PROPERTY: UNKNOWN})
    made = with_checksum(given)
    check_checksum(made, "it")
    assert with_checksum(made) == made
    assert len(made) == len(given)
    told = {entry.key: entry.value for entry in onnx.load_from_string(made).metadata_props}
    assert told["task"] == "pupils"
    assert len(told[PROPERTY]) == 64
    assert told[PROPERTY] != UNKNOWN


def test_a_changed_file_is_refused_in_one_line(tmp_path: Path) -> None:
    damaged = with_checksum(model(**{PROPERTY: UNKNOWN})).replace(b"Identity", b"Identitz")
    with pytest.raises(ModelCorruptError, match=r"^a\.onnx does not match its checksum[^\n]*$"):
        check_checksum(damaged, "a.onnx")
    (tmp_path / "a.onnx").write_bytes(damaged)
    with pytest.raises(ModelCorruptError, match="does not match its checksum"):
        read_model(str(tmp_path / "a.onnx"))


def test_files_of_other_programs_have_none() -> None:
    check_checksum(model(), "it")
    check_checksum(b"no model", "it")
    with pytest.raises(ValueError, match=PROPERTY):
        with_checksum(model())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="cannot read the model"):
        read_model(str(tmp_path / "none.onnx"))
