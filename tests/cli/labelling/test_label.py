"""``closeup label`` and ``closeup review``: from a path to a page, and what is refused."""

from __future__ import annotations

import signal
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from closeup.media.images import write_image
from tests.command_line import INTERRUPTIBLE, closeup, start
from tests.pipeline.drawn_set import drawn_set
from tests.pipeline.labelling.test_label_sources import picture
from tests.quality_networks import bright_is_wrong

HERE = ("--no-browser", "--port", "0")


def served(*arguments: str | Path, models: Path | None = None) -> tuple[str, list[str]]:
    """The page of a labeller, and what the command said until Ctrl-C."""
    process = start(*arguments, *HERE, models=models, how=INTERRUPTIBLE)
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line.strip())
        if " at http" in line:
            break
    else:
        pytest.fail("\n".join(lines))
    url = lines[-1].partition(" at ")[2].partition(";")[0]
    with urllib.request.urlopen(url) as page:  # noqa: S310 - it is on this machine
        text: str = page.read().decode()
    process.send_signal(signal.SIGINT)
    process.communicate()
    return text, lines


def test_pictures_are_labelled_in_the_browser(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "notes.txt").write_text("x")
    page, lines = served("label", tmp_path, "--task", "face", "--author", "Ann")
    assert "<html" in page
    assert lines[:-1] == [
        f"{tmp_path}: passed over: 1 with other suffixes (.txt)", "added 1 picture",
    ]  # fmt: skip
    assert (tmp_path / "labels.db").is_file()


def test_labels_are_reviewed_in_the_order_of_a_network(tmp_path: Path) -> None:
    folder = drawn_set(tmp_path / "eyes", 12)
    (tmp_path / "quality.onnx").write_bytes(bright_is_wrong("eye"))
    page, lines = served("review", folder, "--quality", tmp_path / "quality.onnx")
    assert '"queue": "quality"' in page
    assert '"judged": true' in page
    assert any(line.startswith("the network judged 12 labels: ") for line in lines)
    usual, _ = served("label", folder, "--quality", tmp_path / "quality.onnx")
    assert '"queue": null' in usual


def test_masks_are_reviewed(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.png")
    (tmp_path / "masks").mkdir()
    write_image(tmp_path / "masks" / "a.png", np.full((30, 40), 7, np.uint8))
    _, lines = served("review", tmp_path / "pictures", tmp_path / "masks")
    assert lines[:-1] == ["added 1 picture", "added 1 label"]


def test_faces_are_proposed(shared_models: Path, tmp_path: Path, shared_data: Path) -> None:
    photo = min((shared_data / "lfw" / "images").rglob("*.jpg"))
    (tmp_path / "a.jpg").write_bytes(photo.read_bytes())
    proposing = ("--propose", "faces", "--detector", "yunet-n")
    _, lines = served("label", tmp_path, *proposing, models=shared_models)
    assert "finding faces with yunet-n" in lines
    assert "added 1 label" in lines
    _, again = served("review", tmp_path, *proposing, models=shared_models)
    assert not [line for line in again if line.startswith("added")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["label", "none"], "none: no such file or folder; check the name"),
        (["label", "empty"], "empty: no picture in it or below it; it needs files such as"),
        (["label", "notes.txt"], "notes.txt"),
        (["label", "labels.db"], "labels.db is a store of labels; name the pictures, and it with"),
        (["label", "good", "--task", "nose"], "nose: no such task; name one of pupil, eye, face"),
        (["label", "good", "--task", "bad.yaml"], "bad.yaml: 'mood' is no member of a task"),
        (["label", "good", "--task", "none.yaml"], "none.yaml"),
        (["label", "good", "--queue", "odd"], "no queue 'odd'; there is none yet; closeup labels"),
        (["label", "good", "--store", "no/such/labels.db"], "choose another place with --store"),
        (["label", "good", "--store", "oracle://ann@host/x"], "there is no driver for it"),
        (["label", "good", "--propose", "members"], "--propose members needs --members"),
        (["label", "good", "--propose", "pupils", "--method", "gaze"], "no pupil method 'gaze'"),
        (["label", "good", "--members", "none"], "none: no such file or folder"),
        (["label", "good", "--overlap", "0"], "Input should be greater than or equal to 1"),
        (["label", "good", "--window"], "no display for a window; leave out --window to label in"),
        (["review", "good", "--quality", "none.onnx"], "none.onnx: no such file or folder"),
        (["review", "good", "--quality", "notes.txt"], "notes.txt"),
        (["review", "good", "--quality", "eyes.onnx"], "eyes.onnx: the network judges labels of"),
        (["label", "good", "--quality", "eyes.onnx"], "eyes.onnx: the network judges labels of"),
        (["review", "good", "none"], "none: no such file or folder"),
        (["review", "good", "empty"], "empty: no mask in it; it needs pictures with the pictures'"),
    ],
)
def test_what_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    shared_models: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    picture(tmp_path / "good" / "a.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "labels.db").write_text("x")
    (tmp_path / "eyes.onnx").write_bytes(bright_is_wrong("eye"))
    (tmp_path / "bad.yaml").write_text("mood: good\nmode: points")
    ran = closeup(*arguments, *HERE, models=shared_models)
    assert ran.returncode == 2
    last = ran.stderr.splitlines()[-1]
    assert message in last
    assert "Traceback" not in ran.stderr


def test_a_port_that_is_in_use_is_refused_if_it_was_asked_for(tmp_path: Path) -> None:
    import socket

    picture(tmp_path / "a.png")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = closeup("label", tmp_path, "--no-browser", "--port", str(port))
    assert ran.returncode == 2
    assert f"the port {port} cannot be used" in ran.stderr.splitlines()[-1]
