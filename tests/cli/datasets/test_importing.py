import json
from pathlib import Path

from tests.command_line import closeup
from tests.pipeline.datasets.test_labelled_folders import eye_file, touch
from tests.pipeline.datasets.test_pupil_videos import record


def test_paths_are_printed_and_terms_go_to_stderr(tmp_path: Path) -> None:
    touch(tmp_path, ["BioID_0000.pgm"])
    eye_file(tmp_path / "BioID_0000.eye")
    out = tmp_path / "out"
    ran = closeup("dataset", "import", "bioid", tmp_path, "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{out / 'labels.csv'}\n{out / 'dataset.json'}\n"
    said = ran.stderr.splitlines()
    assert said[0] == "1 label in 1 picture: faces with landmarks"
    assert said[1].startswith("terms: ")


def test_json_is_what_the_document_has(tmp_path: Path) -> None:
    record(tmp_path / "1.avi", [(10, 10)] * 4)
    ran = closeup(
        "dataset", "import", "lpw", tmp_path, "--out", tmp_path / "out", "--every", "3", "--json"
    )
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    document = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert printed == {**document, "images_root": str((tmp_path / "out" / "images").resolve())}
    assert printed["count"] == 2


def test_an_option_of_another_kind_is_refused(tmp_path: Path) -> None:
    ran = closeup("dataset", "import", "lfw", tmp_path, "--out", tmp_path / "out", "--every", "2")
    assert ran.returncode == 2
    assert "for the videos of lpw" in " ".join(ran.stderr.split())
    ran = closeup("dataset", "import", "lfw", tmp_path, "--out", tmp_path / "o", "--images", "x")
    assert ran.returncode == 2
    assert "--images is not for lfw" in " ".join(ran.stderr.split())


def test_a_bad_source_is_an_error_of_one_line(tmp_path: Path) -> None:
    ran = closeup("dataset", "import", "csv", tmp_path / "none.csv", "--out", tmp_path / "out")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"closeup: {tmp_path / 'none.csv'}: no such file; check the name\n"
    assert not (tmp_path / "out").exists()
