"""Ctrl-C and SIGTERM end a run in one line, with the status that shells expect."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from closeup.cli.signals import EndingSignals
from tests.command_line import INTERRUPTIBLE, closeup, start

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers as in a terminal; a job in the background is started deaf to Ctrl-C."""
    before = {number: signal.getsignal(number) for number in STATUS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STATUS)
def test_a_signal_interrupts_once(number: signal.Signals) -> None:
    with EndingSignals() as signals:
        assert not signals.received
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)  # from a process manager that tells the group, too
        assert signals.received
        assert signals.status == STATUS[number]
    assert signal.getsignal(number) == signal.SIG_IGN


def test_a_second_one_after_a_while_interrupts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [10.0]
    monkeypatch.setattr("closeup.cli.signals.time.monotonic", lambda: clock[0])
    with EndingSignals() as signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
            clock[0] += 2
        assert signals.note.startswith("terminated; ")


def test_handlers_come_back_after_a_run_that_was_left_alone() -> None:
    with EndingSignals():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_what_the_parent_process_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with EndingSignals() as signals:
        signal.raise_signal(signal.SIGINT)
    assert not signals.received
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (signal.SIGINT, "interrupted; run the same command again to go on"),
        (signal.SIGTERM, "terminated; run the same command again to go on"),
    ],
)
def test_a_signal_while_the_program_still_loads(number: signal.Signals, line: str) -> None:
    script = (
        "import os, signal, sys\n"
        "class Ending:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'closeup.cli.models':\n"
        f"            os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Ending())\n"
    )
    how = (INTERRUPTIBLE[0], script + INTERRUPTIBLE[1].replace(";", "\n").replace("\n ", "\n"))
    ran = closeup("models", how=how)
    assert (ran.returncode, ran.stdout) == (STATUS[number], "")
    assert ran.stderr == f"closeup: {line}\n"


def test_a_signal_while_the_interpreter_ends_changes_nothing() -> None:
    how = (
        "-c",
        "import atexit, os, signal;"
        "atexit.register(lambda: [os.kill(os.getpid(), number) for number in (2, 15)]);"
        "from closeup.cli import main; main()",
    )
    ran = closeup("--version", how=how)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.serial
def test_sigterm_in_a_job_with_threads(
    shared_data: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(
        "evaluate", "lfw", shared_data / "lfw", "--pairs", shared_data / "lfw" / "pairs.txt",
        "--out", out, models=shared_models,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "finding faces with yunet-n\n"
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate()
    assert process.returncode == 143
    assert stdout == ""
    assert stderr == "closeup: terminated; run the same command again to go on\n"
    assert not out.exists()
