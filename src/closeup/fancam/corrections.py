"""Corrections by a person: the member of a tracklet, and the place of a crop."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
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
from closeup.files.documents import as_json, parse_json
from closeup.files.text import decode, shown
from closeup.geometry import Size

_DIGITS = 18
"""Most digits of a tracklet's number."""
_NAMED = 3
"""Unknown words that a message shows."""
_EXAMPLE = (
    '{"tracklets": {"17": "Rosé", "4": null}, '
    '"crops": [{"member": "Rosé", "from": 12.3, "to": 14, "box": [x1, y1, x2, y2]}]}'
)


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of one video.

    Attributes:
        tracklets: Pairs of a tracklet id and a member's name; None for no member.
        crops: Pairs of a member's name and an override of that member's crop.

    """

    tracklets: tuple[tuple[int, str | None], ...] = ()
    crops: tuple[tuple[str, CropOverride], ...] = ()

    def fixed(self, names: Sequence[str], count: int) -> dict[int, int]:
        """Tracklet id → index of the member in ``names``, or NOBODY.

        Raises:
            CorrectionsError: a tracklet of ``count`` or a member that does not exist.

        """
        fixed: dict[int, int] = {}
        for tracklet, name in self.tracklets:
            if tracklet >= count:
                raise CorrectionsError(
                    f"corrections: there is no tracklet {tracklet}, the video has {count}; "
                    "see report.html for their numbers"
                )
            fixed[tracklet] = NOBODY if name is None else _index(name, names)
        return fixed

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

    It holds JSON: ``tracklets`` maps a tracklet's number to a member's name or null (no member),
    ``crops`` lists overrides of a member's crop, with times in seconds from the first frame and
    boxes as xyxy in source pixels; either may be missing.

    Raises:
        CorrectionsError: not readable, not JSON, or not of this form.

    """
    try:
        data = _object(parse_json(decode(path.read_bytes())))
        _only(data, {"tracklets", "crops"})
        tracklets = _object(data.get("tracklets", {}))
        return Corrections(
            tuple(_once([_tracklet(number, name) for number, name in tracklets.items()])),
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


def _index(name: str, names: Sequence[str]) -> int:
    if name not in names:
        known = ", ".join(names)
        raise CorrectionsError(
            f"corrections: nobody is called {shown(name)}; the members are {known}"
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


def _tracklet(number: str, name: Any) -> tuple[int, str | None]:
    if not (name is None or isinstance(name, str)):
        raise ValueError(f"tracklet {as_json(number)} must be a name or null, not {as_json(name)}")
    if not number.isdecimal() or len(number) > _DIGITS:
        raise ValueError(f"{as_json(number)} is not the number of a tracklet")
    return int(number), None if name is None else _composed(name)


def _once(pairs: list[tuple[int, str | None]]) -> list[tuple[int, str | None]]:
    """The pairs; a number may not stand twice, as "17" and "017" do."""
    number, times = Counter(number for number, _ in pairs).most_common(1)[0] if pairs else (0, 0)
    if times > 1:
        raise ValueError(f"tracklet {number} is there twice; keep one")
    return pairs


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
