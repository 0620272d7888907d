"""Work that is cancelled from another thread ends at its next report."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from closeup.errors import Cancelled, CloseupError
from closeup.progress import Cancellable, Progress
from tests.pipeline.running import Listener

CALLS: dict[str, Callable[[Progress], None]] = {
    "begin": lambda progress: progress.begin("stage", 3),
    "advance": lambda progress: progress.advance(),
    "say": lambda progress: progress.say("a line"),
}


def test_everything_is_passed_on() -> None:
    listener = Listener()
    for call in CALLS.values():
        call(Cancellable(listener))
    assert (listener.stages, listener.lines) == (["stage"], ["a line"])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_after_the_cancelling_nothing_is_passed_on(call: Callable[[Progress], None]) -> None:
    listener = Listener()
    progress = Cancellable(listener)
    progress.cancel()
    for _ in range(2):
        with pytest.raises(Cancelled, match=r"^cancelled; run it again to go on$"):
            call(progress)
    assert not listener.stages
    assert not listener.lines


def test_any_thread_may_cancel() -> None:
    progress = Cancellable()
    thread = threading.Thread(target=progress.cancel)
    thread.start()
    thread.join()
    with pytest.raises(CloseupError, match="cancelled"):
        progress.advance(0)
