"""A time for every picture, also where the container gives none or the same one twice."""

from __future__ import annotations

import av


class Stamper:
    """Gives strictly increasing presentation times.

    A picture keeps the time that the container gives it. Where that is missing, the
    decoding time stands in (AVI stores only that); where this is missing too, or the time
    does not come after the last one, the picture follows the last one by the average
    duration of a picture. In such damaged streams, and only there, a pass that begins
    later may number its times differently from one that begins at the start.
    """

    def __init__(self, step: int) -> None:
        """Count on by ``step`` units of the time base where no time is known."""
        self._step = step
        self._last: int | None = None
        self.mended = 0

    def stamp(self, picture: av.VideoFrame) -> int:
        """The picture's time in units of its stream's time base."""
        time = picture.pts if picture.pts is not None else picture.dts
        if time is None or (self._last is not None and time <= self._last):
            time = 0 if self._last is None else self._last + self._step
            self.mended += 1
        self._last = time
        return time
