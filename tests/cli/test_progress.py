from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from rich.console import Console
from rich.progress import Progress as Bars

from closeup.cli.progress import FrameRateColumn, RichProgress
from closeup.progress import Progress

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def terminal(width: int = 110) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return ANSI.sub("", console.file.getvalue())


def work(progress: Progress) -> None:
    progress.begin("analysing", 4)
    for _ in range(4):
        progress.advance()
    progress.say("IMG_1.jpg: too blurred; this photo is left out")
    progress.begin("identifying", None)
    progress.begin("rendering", 200)
    progress.advance(150)


def test_a_terminal_sees_a_bar_for_every_stage() -> None:
    console = terminal()
    with RichProgress(console) as progress:
        work(progress)
    last_picture = written(console).rstrip().splitlines()[-3:]
    assert [line.split()[0] for line in last_picture] == ["analysing", "identifying", "rendering"]
    assert all("100%" in line for line in last_picture)


def fail_half_way(console: Console) -> None:
    with RichProgress(console) as progress:
        progress.begin("rendering", 200)
        progress.advance(150)
        raise RuntimeError


def test_a_stage_that_failed_is_not_shown_as_done() -> None:
    console = terminal()
    with pytest.raises(RuntimeError):
        fail_half_way(console)
    assert "75%" in written(console)
    assert "100%" not in written(console)


def test_a_message_stands_above_the_bar_once() -> None:
    console = terminal()
    with RichProgress(console) as progress:
        work(progress)
    text = written(console)
    message = "IMG_1.jpg: too blurred; this photo is left out"
    assert text.count(message) == 1
    assert text.index(message) < text.rindex("rendering")


@pytest.mark.parametrize(
    "message",
    ["[bold]B[/].jpg: no face found", "[/nothing] :smile: 12 'x'", "로제 и 地: " + "long " * 60],
)
def test_a_message_is_printed_as_it_is(message: str) -> None:
    console = terminal(width=40)
    with RichProgress(console) as progress:
        progress.say(message)
    assert message in written(console)


def test_without_a_terminal_only_messages_are_written() -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=40)
    with RichProgress(console) as progress:
        work(progress)
    assert written(console) == "IMG_1.jpg: too blurred; this photo is left out\n"


def test_stdout_stays_free_for_results() -> None:
    script = (
        "from closeup.cli.progress import RichProgress\n"
        "with RichProgress() as progress:\n"
        "    progress.begin('analysing', 2)\n"
        "    progress.advance()\n"
        "    progress.say('one line')\n"
        "    print('result')\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("result\n", "one line\n")


def test_advancing_before_the_first_stage_is_harmless() -> None:
    with RichProgress(terminal()) as progress:
        progress.advance()


def test_the_rate_forgets_what_an_earlier_run_did() -> None:
    """A resumed stage begins with a leap, which says nothing about its speed."""
    clock = iter(range(1000))
    bars = Bars(get_time=lambda: float(next(clock)), disable=True)
    task = bars.add_task("analysing", total=10_000)
    bars.advance(task, 9000)
    for _ in range(5):
        bars.advance(task, 25)
    assert FrameRateColumn().render(bars.tasks[0]).plain == "25 frames/s"


def test_the_rate_of_slow_work_has_a_decimal() -> None:
    clock = iter(range(1000))
    bars = Bars(get_time=lambda: next(clock) * 0.4, disable=True)
    task = bars.add_task("analysing", total=10)
    assert FrameRateColumn().render(bars.tasks[0]).plain == ""
    for _ in range(3):
        bars.advance(task)
    assert FrameRateColumn().render(bars.tasks[0]).plain == "2.5 frames/s"
