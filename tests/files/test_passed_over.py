from collections import Counter

import pytest

from closeup.files.passed_over import LINKED_FOLDER, NAMED, PassedOver, passed_over
from closeup.progress import Silent


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def test_nothing_is_said_of_nothing() -> None:
    progress = Listening()
    PassedOver(progress).say_sum()
    PassedOver(progress, {}).say_sum("train")
    assert not progress.said


def test_the_first_are_named_and_all_are_counted() -> None:
    progress = Listening()
    passed = PassedOver(progress, {".txt": 2, "": 1})
    passed.add({".txt": 1, LINKED_FOLDER: 2})
    for number in range(9):
        passed.leave_out(f"{number}.jpg is damaged", "damaged")
    passed.leave_out("9.jpg is large", "too large")
    passed.say_sum("train")
    assert progress.said == [
        *(f"{number}.jpg is damaged" for number in range(NAMED)),
        "train: 14 files passed over: 9 damaged, 1 too large, "
        "4 with other suffixes (.txt, none), 2 linked folders not searched",
    ]


def test_a_linked_folder_alone() -> None:
    progress = Listening()
    PassedOver(progress, {LINKED_FOLDER: 1}).say_sum()
    assert progress.said == ["1 linked folder not searched"]


def test_one_frame() -> None:
    progress = Listening()
    passed = PassedOver(progress, noun="frame")
    passed.leave_out("a", "damaged")
    passed.say_sum()
    assert progress.said[-1] == "1 frame passed over: 1 damaged"


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ({}, ""),
        ({LINKED_FOLDER: 1}, "1 linked folder not searched"),
        (
            {".a": 1, ".b": 5, ".c": 4, ".d": 3, ".e": 2},
            "15 with other suffixes (.b, .c, .d, .e …)",
        ),
    ],
)
def test_the_commonest_suffixes_come_first(others: dict[str, int], text: str) -> None:
    assert passed_over(Counter(others)) == text
