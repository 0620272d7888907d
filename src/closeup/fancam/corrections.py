"""Corrections by the user: who a person or a tracklet is, and the place of a crop."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.clock import CLOCK_ERROR
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.persons import VideoPerson
from closeup.files.documents import as_json, parse_json
from closeup.files.text import decode, shown
from closeup.geometry import Size

_DIGITS = 18
"""Most digits of a tracklet's number."""
_NAMED = 3
"""Unknown words that a message shows."""
_EXAMPLE = (
    '{"persons": {"3": "Rosé", "8": null}, "tracklets": {"17": "Rosé", "4": null}, '
    '"crops": [{"member": "Rosé", "from": 12.3, "to": 14, "box": [x1, y1, x2, y2]}]}'
)


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of one video.

    Attributes:
        persons: Pairs of a person's number, or the id of any of the person's tracklets, and a
            name; None for nobody. A name that no photo stands for is a member without photos.
        tracklets: Pairs of a tracklet id and a member's name; None for no member. They take
            precedence over ``persons``.
        crops: Pairs of a member's name and an override of that member's crop.

    """

    persons: tuple[tuple[int, str | None], ...] = ()
    tracklets: tuple[tuple[int, str | None], ...] = ()
    crops: tuple[tuple[str, CropOverride], ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The names that are given to persons, each once."""
        return tuple(dict.fromkeys(name for _, name in self.persons if name is not None))

    def fixed(
        self, names: Sequence[str], persons: Sequence[VideoPerson], conflicts: NDArray[np.bool_]
    ) -> dict[int, int]:
        """Tracklet id → index of the member in ``names``, or NOBODY.

        Args:
            names: Names of the members, those of :attr:`named` among them.
            persons: The persons of the video, joined without corrections.
            conflicts: (t, t) pairs of tracklets that show different people.

        Raises:
            CorrectionsError: there is no such tracklet or member, or two lines contradict each
                other: they name one person differently, or two people as one member.

        """
        lines = self._lines(len(conflicts), persons)
        for a, b in np.argwhere(np.triu(conflicts)):
            one, other = lines.get(int(a)), lines.get(int(b))
            if one and other and one.name is not None and one.name == other.name:
                raise CorrectionsError(
                    f"corrections: {one} and {other} contradict each other, since tracklets {a} "
                    f"and {b} are seen at the same time; change one of the two lines, or write in "
                    "tracklets who the wrong one of these tracklets is"
                )
        return {row: line.member(names) for row, line in lines.items()}

    def _lines(self, count: int, persons: Sequence[VideoPerson]) -> dict[int, _Line]:
        """Tracklet id → the line that decides about it.

        A line that names one tracklet counts for the whole person unless other lines contradict
        it. A line that says that it is nobody takes only this tracklet out of its person.
        """
        found: dict[int, _Line] = {}
        owners = {row: person for person in persons for row in person.tracklets}
        for number, name in self.persons:
            line = _Line("persons", number, name)
            _check_number(number, count)
            for row in owners[number].tracklets:
                if (other := found.get(row)) and other.name != name:
                    raise CorrectionsError(
                        f"corrections: {other} and {line} are about the same person; keep one of "
                        "the two lines, and correct single tracklets in tracklets"
                    )
                found[row] = line
        for number, name in self.tracklets:
            _check_number(number, count)
            found[number] = _Line("tracklets", number, name)
        for person in persons:
            own = [found[row] for row in person.tracklets if row in found]
            if len({line.name for line in own}) == 1 and own[0].name is not None:
                found |= {row: found.get(row, own[0]) for row in person.tracklets}
        return found

    def document(self) -> dict[str, Any]:
        """The content of a file that :func:`read_corrections` reads as the same corrections."""
        return {
            "persons": {str(number): name for number, name in self.persons},
            "tracklets": {str(number): name for number, name in self.tracklets},
            "crops": [
                {"member": name, "from": start, "to": end, "box": box}
                for name, (start, end, *box) in self.crops
            ],
        }

    def crops_of(self, name: str, names: Sequence[str]) -> list[CropOverride]:
        """The overrides of one member's crop.

        Raises:
            CorrectionsError: any crop names a member who does not exist.

        """
        for member, _ in self.crops:
            _index(member, names)
        return [crop for member, crop in self.crops if member == name]

    def check_crops(self, seconds: NDArray[np.float64], size: Size) -> list[str]:
        """Check that each crop can be seen.

        Args:
            seconds: (n,) float64, time of each frame from the first.
            size: Size of the video, in pixels.

        Returns:
            A line for each crop without a frame, as after the end of the video.

        Raises:
            CorrectionsError: a box lies outside the picture.

        """
        unseen = []
        for member, (start, end, x1, y1, x2, y2) in self.crops:
            what = f"corrections: the crop of {member} from {start:g} s to {end:g} s"
            if min(x2, y2) <= 0 or x1 >= size.width or y1 >= size.height:
                raise CorrectionsError(
                    f"{what} has the box {x1:g}, {y1:g}, {x2:g}, {y2:g}, outside the picture of "
                    f"{size}; correct it"
                )
            if not ((seconds >= start - CLOCK_ERROR) & (seconds < end - CLOCK_ERROR)).any():
                unseen.append(
                    f"{what} has no effect: no frame is in it, the last is at {seconds[-1]:g} s"
                )
        return unseen


def read_corrections(path: Path) -> Corrections:
    """Read a corrections file.

    It holds JSON: ``persons`` and ``tracklets`` map the number of a person or of a tracklet to a
    member's name or null (no member), ``crops`` lists overrides of a member's crop, with times in
    seconds from the first frame and boxes as xyxy in source pixels; any of them may be missing.

    Raises:
        CorrectionsError: not readable, not JSON, or not of this form.

    """
    try:
        data = _object(parse_json(decode(path.read_bytes())))
        _only(data, {"persons", "tracklets", "crops"})
        return Corrections(
            _numbered(data, "persons"),
            _numbered(data, "tracklets"),
            tuple(_crop(_object(crop)) for crop in _list(data.get("crops", []))),
        )
    except OSError as error:
        raise CorrectionsError(
            f"{path}: cannot be read ({error.strerror}); check the name"
        ) from error
    except KeyError as error:
        raise CorrectionsError(f"{path}: {error} is missing; write it as {_EXAMPLE}") from error
    except (ValueError, TypeError) as error:
        raise CorrectionsError(f"{path}: {error}; write it as {_EXAMPLE}") from error


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of ``persons`` or ``tracklets``."""

    key: str
    number: int
    name: str | None

    def __str__(self) -> str:
        return f'"{self.number}": {as_json(self.name)} in {self.key}'

    def member(self, names: Sequence[str]) -> int:
        """Index of the member that it names, or NOBODY."""
        return NOBODY if self.name is None else _index(self.name, names)


def _check_number(number: int, count: int) -> None:
    if number >= count:
        raise CorrectionsError(
            f"corrections: there is no tracklet {number}, the video has {count}; "
            "see report.html for their numbers"
        )


def _index(name: str, names: Sequence[str]) -> int:
    if name not in names:
        known = f"the members are {', '.join(names)}" if names else "there are no members"
        raise CorrectionsError(
            f"corrections: nobody is called {shown(name)}; {known}; a person of the video without "
            "photos gets a name in persons"
        )
    return list(names).index(name)


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise TypeError(f"{as_json(data)} stands where an object in braces belongs")
    return data


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError(f"{as_json(data)} stands where a list in brackets belongs")
    return data


def _only(data: dict[str, Any], keys: set[str]) -> None:
    unknown = data.keys() - keys
    if unknown:
        raise ValueError(f"unknown {', '.join(map(as_json, sorted(unknown)[:_NAMED]))}")


def _numbered(data: Mapping[str, Any], key: str) -> tuple[tuple[int, str | None], ...]:
    """The pairs below a key; a number may not stand twice, as "17" and "017" do."""
    what = key.removesuffix("s")
    pairs = [_pair(what, number, name) for number, name in _object(data.get(key, {})).items()]
    number, times = Counter(number for number, _ in pairs).most_common(1)[0] if pairs else (0, 0)
    if times > 1:
        raise ValueError(f"{what} {number} is there twice; keep one")
    return tuple(pairs)


def _pair(what: str, number: str, name: Any) -> tuple[int, str | None]:
    if not (name is None or isinstance(name, str)):
        raise ValueError(f"{what} {as_json(number)} must be a name or null, not {as_json(name)}")
    if not number.isdecimal() or len(number) > _DIGITS:
        raise ValueError(f"{as_json(number)} is not the number of a {what}")
    if name is not None and not name.strip():
        raise ValueError(f"{what} {as_json(number)} has an empty name; write a name or null")
    return int(number), None if name is None else _composed(name)


def _crop(data: dict[str, Any]) -> tuple[str, CropOverride]:
    _only(data, {"member", "from", "to", "box"})
    start, end = _number(data["from"]), _number(data["to"])
    corners = [_number(value) for value in _list(data["box"])]
    if len(corners) != 4:
        raise ValueError(f"the box {as_json(data['box'])} has {len(corners)} numbers, not 4")
    x1, y1, x2, y2 = corners
    if not start < end:
        raise ValueError(f"a crop from {start:g} s to {end:g} s lasts no time")
    if not (x1 < x2 and y1 < y2):
        raise ValueError(f"the box {corners} is empty; it needs x1 < x2 and y1 < y2")
    if not isinstance(data["member"], str):
        raise TypeError(f"member must be a name, not {as_json(data['member'])}")
    return _composed(data["member"]), CropOverride(start, end, x1, y1, x2, y2)


def _number(value: Any) -> float:
    """A finite number, also if it is written in quotes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{as_json(value)} stands where a number belongs")
    with suppress(ValueError, OverflowError):  # no number, or one of hundreds of digits
        if math.isfinite(number := float(value)):
            return number
    raise ValueError(f"{as_json(value)} is not a finite number")


def _composed(name: str) -> str:
    """The name in Unicode's composed form (NFC), the form of all members' names."""
    return unicodedata.normalize("NFC", name)
