"""Encoding several videos at once, with one thread and one bounded queue for each."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import Full, Queue
from threading import Event

from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.timed_frames import TimedFrame
from closeup.media.mp4_writer import Mp4Writer

_WAITING = 3
"""Length of an encoder's queue in frames: the decoder can run ahead while x264 encodes a costly
picture, and memory stays small."""

_LOOK_AGAIN = 0.2
"""Seconds between checks for a failed encoder while its queue is full."""


class EncoderThread:
    """Encoder thread that draws and encodes one video.

    The owner arranges for :meth:`abandon` before :meth:`start`: a signal may come between any two
    steps, and a thread that nobody abandons would wait for its next frame forever.
    """

    def __init__(
        self, picture: FrameRenderer, writer: Mp4Writer, threads: ThreadPoolExecutor
    ) -> None:
        self._picture = picture
        self._writer = writer
        self._elapsed = 0
        self._queue: Queue[TimedFrame | None] = Queue(_WAITING)
        self._given_up = Event()
        self._threads = threads
        self._work: Future[None] | None = None

    def start(self) -> None:
        """Start the thread."""
        self._work = self._threads.submit(self._run)

    def put(self, timed: TimedFrame | None) -> None:
        """Add a frame to the queue, or None after the last one; waits while the queue is full.

        Raises:
            OutputError: an earlier frame could not be written.

        """
        while True:
            if self._work and self._work.done():
                self._work.result()
            try:
                return self._queue.put(timed, timeout=_LOOK_AGAIN)
            except Full:
                continue

    def finish(self) -> None:
        """Wait until the file is complete, after :meth:`put` was called with None.

        Raises:
            OutputError: the file could not be written.

        """
        if self._work:
            self._work.result()

    def abandon(self) -> None:
        """Stop after the current picture and discard the file."""
        self._given_up.set()
        with suppress(Full):  # the thread wakes for the items of a full queue anyway
            self._queue.put_nowait(None)
        if self._work:
            wait([self._work])
        self._writer.discard()

    def _run(self) -> None:
        while (timed := self._queue.get()) is not None:
            if self._given_up.is_set():
                return
            if self._picture.shows(timed.frame.index):
                self._encode(timed)
        if not self._given_up.is_set():
            self._writer.finish()

    def _encode(self, timed: TimedFrame) -> None:
        frame = timed.frame
        self._picture.draw(frame, self._writer.canvas())
        self._writer.write_canvas(self._elapsed, timed.duration)
        delay = self._elapsed * frame.timecode.time_base - frame.timecode.seconds
        for packet in timed.sound:
            self._writer.write_sound(packet, packet.pts + round(delay / packet.time_base))
        self._elapsed += timed.duration
