"""Encoding several videos at once: one thread and one bounded queue for each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from queue import Full, Queue
from threading import Event

from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.timed_frames import Moment
from closeup.media.mp4_writer import Mp4Writer

_WAITING = 3
"""Frames that may wait for an encoder: enough for the decoder to run ahead while x264 is
busy with a costly picture, few enough that memory stays small."""

_LOOK_AGAIN = 0.2
"""Seconds after which a full queue is taken as a reason to see whether its encoder has failed."""


class Lane:
    """Draws and encodes one video in a thread of its own."""

    def __init__(
        self, picture: FrameRenderer, writer: Mp4Writer, threads: ThreadPoolExecutor
    ) -> None:
        self._picture = picture
        self._writer = writer
        self._elapsed = 0
        self._queue: Queue[Moment | None] = Queue(_WAITING)
        self._given_up = Event()
        self._work = threads.submit(self._run)

    def put(self, moment: Moment | None) -> None:
        """Hand a frame on, or None after the last one; waits while the queue is full.

        Raises:
            OutputError: an earlier frame could not be written.

        """
        while True:
            if self._work.done():
                self._work.result()
            try:
                return self._queue.put(moment, timeout=_LOOK_AGAIN)
            except Full:
                continue

    def finish(self) -> None:
        """Wait until the file is complete; None must have been handed on.

        Raises:
            OutputError: it could not be written.

        """
        self._work.result()

    def abandon(self) -> None:
        """Stop after the picture in hand; the file is of no use."""
        self._given_up.set()
        with suppress(Full):  # a full queue has something that wakes the thread already
            self._queue.put_nowait(None)
        wait([self._work])
        self._writer.discard()

    def _run(self) -> None:
        while (moment := self._queue.get()) is not None:
            if self._given_up.is_set():
                return
            if self._picture.shows(moment.frame.index):
                self._encode(moment)
        if not self._given_up.is_set():
            self._writer.finish()

    def _encode(self, moment: Moment) -> None:
        frame = moment.frame
        self._picture.draw(frame, self._writer.canvas())
        self._writer.write_canvas(self._elapsed, moment.duration)
        delay = self._elapsed * frame.timecode.time_base - frame.timecode.seconds
        for packet in moment.sound:
            self._writer.write_sound(packet, packet.pts + round(delay / packet.time_base))
        self._elapsed += moment.duration
