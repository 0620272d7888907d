"""Pictures that are in memory before they are asked for."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.store.label_records import StoredItem
from closeup.window.decoding_ahead import DecodingAhead


class _Reader:
    """Gives grey pictures, and knows in which thread it read which."""

    def __init__(self) -> None:
        self.read_by: dict[int, list[bool]] = {}
        self.gone: set[int] = set()

    def read(self, item: StoredItem) -> RGBImage:
        ahead = threading.current_thread() is not threading.main_thread()
        self.read_by.setdefault(item.id, []).append(ahead)
        if item.id in self.gone:
            raise ImageError("it is gone", "missing")
        return np.full((2, 3, 3), item.id, np.uint8)

    def is_there(self, item: StoredItem) -> bool:
        return item.id not in self.gone


def item(number: int) -> StoredItem:
    return StoredItem(number, f"{number}.png", None, None, number)


def test_prepared_pictures_are_read_once_and_in_another_thread() -> None:
    reader = _Reader()
    ahead = DecodingAhead(reader)
    ahead.prepare([item(1), item(2)])
    ahead.prepare([item(2), item(3)])
    for number in (3, 2):
        assert (ahead.picture(item(number)) == number).all()
        assert reader.read_by[number] == [True]
    assert (ahead.picture(item(4)) == 4).all()
    assert reader.read_by[4] == [False]
    ahead.close()


def test_a_picture_that_comes_back_is_read_again() -> None:
    reader = _Reader()
    reader.gone = {1}
    ahead = DecodingAhead(reader)
    ahead.prepare([item(1)])
    with pytest.raises(ImageError, match="it is gone"):
        ahead.picture(item(1))
    reader.gone = set()
    assert (ahead.picture(item(1)) == 1).all()
    ahead.close()
