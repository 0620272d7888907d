"""Decodes the pictures that will probably be shown next."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from closeup.frames import RGBImage
from closeup.labelling.shown_pictures import PictureReader
from closeup.store.label_records import StoredItem

_THREADS = 2


class DecodingAhead:
    """Pictures in memory before they are asked for.

    Args:
        reader: Reads the pictures; several threads call it.

    """

    def __init__(self, reader: PictureReader) -> None:
        self._reader = reader
        self._pool = ThreadPoolExecutor(_THREADS, "decoding")
        self._pictures: dict[int, Future[RGBImage]] = {}

    def prepare(self, items: Sequence[StoredItem]) -> None:
        """Begin to decode pictures, the first one first; all others are dropped."""
        wanted = {item.id for item in items}
        for number in [number for number in self._pictures if number not in wanted]:
            self._pictures.pop(number).cancel()
        for item in items:
            if item.id not in self._pictures:
                self._pictures[item.id] = self._pool.submit(self._reader.read, item)

    def picture(self, item: StoredItem) -> RGBImage:
        """The picture of an item; see :meth:`PictureReader.read`.

        One that could not be read is tried again, as somebody may have put the file back.
        """
        future = self._pictures.get(item.id)
        if future is not None and not future.cancelled() and future.exception() is None:
            return future.result()
        return self._reader.read(item)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
