"""Whatever goes wrong is one line on stderr and the right exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from closeup.cli import main
from closeup.cli.progress import RichProgress
from closeup.progress import Cancellable
from tests.command_line import INTERRUPTIBLE, PLAIN, closeup, start

Call = Callable[..., tuple[int, str, str]]

RUN = ["fancam", "stage.mp4", "--members", "members", "--out", "out"]
ALIGN = ["align", "a.jpg", "--template"]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Call:
    """Calls ``closeup`` in an empty folder; gives its status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["closeup", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["xyzzy"], "No such command 'xyzzy'; see closeup --help"),
        (["fancam"], "Missing argument 'STAGE'; see closeup fancam --help"),
        (RUN[:4], "Missing option '--out'"),
        ([*RUN, "--bogus"], "No such option: --bogus"),
        ([*RUN, "--size", "201x630"], "an odd, too small or too large side"),
        ([*RUN, "--size", "201x630"], "take 200x630"),
        ([*RUN, "--size", "99999x99999"], "take 16384x16384"),
        ([*RUN, "--size", "big"], "write WIDTHxHEIGHT, as in 200x630"),
        ([*RUN, "--from", "5", "--to", "5"], "give a later end"),
        ([*RUN, "--from", "soon"], "write seconds or [H:]M:S"),
        ([*RUN, "--to", "-1"], "is negative"),
        ([*RUN, "--framing", "nose"], "'nose' is not one of 'auto', 'face', 'bust', 'body'"),
        ([*RUN, "--every", "0"], "--every"),
        ([*RUN, "--max-gap", "nan"], "--max-gap"),
        ([*RUN, "--max-gap", "inf"], "give seconds, 0 or more"),
        (RUN, "stage.mp4: no such file; check the name"),
        (["align", "a.jpg"], "Missing option '--template'"),
        ([*ALIGN, "face"], "'face' is not one of"),
        ([*ALIGN, "eyes256", "--eyes", "0.3"], "write X,Y, as in 0.35,0.35"),
        ([*ALIGN, "eyes256", "--size", "1"], "size is 1; give 16 to 4096 pixels"),
        ([*ALIGN, "crop", "--points", "68"], "no points are needed for crop"),
        ([*ALIGN, "crop"], "a.jpg: no such file or folder"),
        (["models", "fetch", "oracle"], "oracle"),
    ],
)
def test_bad_arguments_are_one_line(call: Call, arguments: list[str], reason: str) -> None:
    status, out, err = call(*arguments)
    assert status == 2
    assert out == ""
    assert err.startswith("closeup: ")
    assert err.count("\n") == 1
    assert reason in err
    assert not list(Path().iterdir())


def test_the_line_holds_any_name_as_it_is(call: Call) -> None:
    name = "[bold]:smile: Rosé\n2.mp4"
    status, _, err = call(*RUN[:1], name, *RUN[2:])
    assert status == 2
    assert err == "closeup: [bold]:smile: Rosé\\n2.mp4: no such file; check the name\n"


def test_help_is_no_error(call: Call) -> None:
    for arguments in (["--help"], ["fancam", "--help"], ["--version"]):
        status, out, err = call(*arguments)
        assert (status, err) == (0, "")
        assert "closeup" in out
    status, out, err = call()
    assert "fancam" in out
    assert err == ""


def test_an_exit_of_the_module_is_that_of_the_command() -> None:
    ran = closeup("xyzzy", how=PLAIN)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "closeup: No such command 'xyzzy'; see closeup --help\n"


def test_nobody_reads_the_output_to_its_end() -> None:
    process = start("models", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait()
    process.stderr.close()
    assert process.returncode == 1


@pytest.mark.parametrize("arguments", [["models"], ["models", "--json"], ["--version"]])
def test_no_room_for_the_output(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "closeup", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == "closeup: standard output: No space left on device\n"


def test_a_file_without_a_name_is_not_called_standard_output(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        with Path("/dev/full").open("w") as full:
            full.write("x")

    monkeypatch.setattr("closeup.find_faces", fail)
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    assert call("faces", "a.png", "--out", "out") == (
        2, "", "closeup: a file cannot be written or read: No space left on device\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    "ending",
    [
        "os.kill(os.getpid(), signal.SIGINT)",
        "raise ImportError('initialization failed') from KeyboardInterrupt()",
    ],
    ids=["Python", "C"],
)
def test_ctrl_c_while_the_program_still_loads(ending: str) -> None:
    script = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'closeup.cli.models':\n"
        f"            {ending}\n"
        "sys.meta_path.insert(0, Interrupting())\n"
    )
    how = (INTERRUPTIBLE[0], script + INTERRUPTIBLE[1].replace(";", "\n").replace("\n ", "\n"))
    ran = closeup("models", how=how)
    assert (ran.returncode, ran.stdout) == (130, "")
    assert ran.stderr == "closeup: interrupted; run the same command again to go on\n"


def test_a_cancelled_run_ends_like_an_interrupted_one(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    progress = Cancellable()
    progress.cancel()
    monkeypatch.setattr(RichProgress, "say", lambda _, message: progress.say(message))
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    assert call("faces", "a.png", "--detector", "hog", "--out", "out") == (
        130, "", "closeup: cancelled; run it again to go on\n",
    )  # fmt: skip


def test_models_are_listed_by_a_real_process(shared_models: Path) -> None:
    ran = closeup("models", "--json", models=shared_models, how=PLAIN)
    assert ran.returncode == 0
    assert {row["state"] for row in json.loads(ran.stdout) if row["name"] == "yunet-n"} == {
        "present"
    }
