"""The clocks of streams: the real rate, and mending clocks that were joined, wrapped or damaged.

A transport stream that was joined from two recordings goes back in time, or jumps by hours, at
the joint. FFmpeg passes such times on. They are mended here for all streams of a file at once:
one offset serves pictures and sound, so that they stay in step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeVar

import numpy as np
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

AnyStream = TypeVar("AnyStream", bound=Stream)

_LONGEST_GAP = 10.0
"""Seconds without a packet that a short file may have; see :func:`mend_clocks`."""

_GOES_ON = 3.5
"""Steps from one packet to the next but one, up to which the one between them is out of place."""

_HEALED_WITHIN = 8
"""Packets after a step back within which a clock that was only disturbed is right again."""

_SMALL_JUMP = 1.0
"""Seconds up to which a jump of the sound alone is taken as right: a recorder mends its clock."""

_SAME_JUMP = 5.0
"""Seconds by which the jumps of pictures and sound at one joint may differ: sound and pictures of
a recording end at different times."""


_SAME_RATE = 0.02
"""Relative difference up to which the stated rate is taken for the measured one."""

_RUN = 16
"""Distance in frames over which the rate is measured, since the times of single frames jitter."""

_STEADY = 0.1
"""Relative difference from the median duration of runs up to which a run has the usual rate."""

USUAL_RATE = Fraction(25)
"""Rate of a file that states neither a rate nor times."""


class StreamTimes(NamedTuple):
    """When the packets of one stream are decoded, in the order of the file.

    Attributes:
        places: (n,) int64, each packet's number among the packets of all streams.
        seconds: (n,) float64 decoding times; NaN where the file states none.

    """

    places: NDArray[np.int64]
    seconds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one stream are mended, by the packet's number in the stream.

    Attributes:
        starts: Numbers of the packets from which a new offset holds, increasing.
        offsets: The offset in seconds from there, one for each start.
        out_of_place: Numbers of single packets whose times are wrong.

    """

    starts: tuple[int, ...] = ()
    offsets: tuple[Fraction, ...] = ()
    out_of_place: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_right(self) -> bool:
        """Whether nothing is mended."""
        return not (self.starts or self.out_of_place)

    def mended(self, number: int, time: int | None, time_base: Fraction) -> int | None:
        """The time of packet ``number`` in units of ``time_base``; None if it is not known."""
        if time is None or number in self.out_of_place:
            return None
        epoch = bisect_right(self.starts, number)
        return time + round(self.offsets[epoch - 1] / time_base) if epoch else time


RIGHT = Clock()
"""A clock that mends nothing."""


def mended_packets(
    packets: Iterable[Packet[AnyStream]], clock: Clock
) -> Iterator[tuple[int, Packet[AnyStream]]]:
    """Number the packets of a stream from the file's beginning, and mend their times in place.

    The empty packets with which demuxing ends have the number of the last one.
    """
    number = -1
    for packet in packets:
        number += bool(packet.size)
        if packet.size and not clock.is_right:
            packet.pts = clock.mended(number, packet.pts, packet.time_base)
            packet.dts = clock.mended(number, packet.dts, packet.time_base)
        yield number, packet


class _Jump(NamedTuple):
    """A place at which a stream's clock does not go on.

    Attributes:
        place: Number of the packet among those of all streams.
        stream: Index of the stream.
        packet: Number of the packet in its stream.
        shift: Seconds to add from here on, so that the stream goes on without a gap.

    """

    place: int
    stream: int
    packet: int
    shift: float


def mend_clocks(streams: Sequence[StreamTimes]) -> list[Clock]:
    """Find the offsets that make the clocks of a file's streams run on.

    A clock jumps where it goes back, or where it goes ahead by more than ten seconds and by more
    than the rest of the stream lasts, while no other stream goes on in between, as the sound does
    beside a still. Jumps of several streams at one joint get one offset, the
    largest that any of them needs, so that nothing overlaps. A step back that is made up for
    within eight packets, and a single packet far from its neighbours, are disturbances: the
    latter is marked as out of place, the former is left to the reader.

    Args:
        streams: Times of the pictures, then of each stream of sound.

    Returns:
        One clock a stream.

    """
    strays = [_out_of_place(times.seconds) for times in streams]
    jumps = [_jumps(i, streams, strays[i]) for i in range(len(streams))]
    joints = _joints(sorted(jump for own in jumps for jump in own))
    return [_clock(i, joints, strays[i]) for i in range(len(streams))]


def usual_step(seconds: NDArray[np.float64]) -> float:
    """Median of the positive differences between times (n,) in seconds; 0.0 if there is none."""
    steps = np.diff(seconds[np.isfinite(seconds)])
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def _out_of_place(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of packets whose time is not between those around them, which go on."""
    if len(seconds) < 3:
        return np.zeros(0, np.int64)
    before, here, after = seconds[:-2], seconds[1:-1], seconds[2:]
    goes_on = (after > before) & (after - before <= _GOES_ON * usual_step(seconds))
    return np.flatnonzero(goes_on & ((here < before) | (here > after))) + 1


def _jumps(stream: int, streams: Sequence[StreamTimes], strays: NDArray[np.int64]) -> list[_Jump]:
    times = streams[stream]
    known = np.isfinite(times.seconds)
    known[strays] = False
    packets = np.flatnonzero(known)
    seconds, places = times.seconds[packets], times.places[packets]
    step, changes = usual_step(seconds), np.diff(seconds)
    lasting = float(changes[(changes > 0) & (changes <= _LONGEST_GAP)].sum())
    ahead = changes > max(_LONGEST_GAP, lasting)
    found = []
    for i in np.flatnonzero((changes < 0) | ahead):
        others = (other for other in streams if other is not times)
        if ahead[i]:
            jumps = not any(_goes_on(other, places[i : i + 2], changes[i]) for other in others)
        else:
            jumps = not _heals(seconds[i:], step)
        if jumps:
            shift = float(seconds[i] + step - seconds[i + 1])
            found.append(_Jump(int(places[i + 1]), stream, int(packets[i + 1]), shift))
    return found


def _goes_on(other: StreamTimes, places: NDArray[np.int64], seconds: float) -> bool:
    """Whether another stream lasts most of a gap between two places of the file."""
    inside = (other.places > places[0]) & (other.places < places[1])
    between = other.seconds[inside & np.isfinite(other.seconds)]
    return len(between) > 1 and float(np.ptp(between)) > seconds / 2


def _heals(seconds: NDArray[np.float64], step: float) -> bool:
    """Whether a clock that goes back after its first time is soon where it would have been."""
    later = seconds[2 : 2 + _HEALED_WITHIN]
    expected = seconds[0] + step * np.arange(2, 2 + len(later))
    return bool(np.any(later >= expected - step / 2))


def _joints(jumps: Sequence[_Jump]) -> list[list[_Jump]]:
    """The jumps of all streams, in the order of the file, grouped by the joint they are of."""
    joints: list[list[_Jump]] = []
    free: dict[int, int] = {}
    """For each stream the first joint that its next jump may belong to."""
    for jump in jumps:
        first = free.get(jump.stream, 0)
        number = next(
            (
                i
                for i, joint in enumerate(joints[first:], first)
                if abs(joint[0].shift - jump.shift) < _SAME_JUMP
            ),
            len(joints),
        )
        if number == len(joints):
            joints.append([])
        joints[number].append(jump)
        free[jump.stream] = number + 1
    return [joint for joint in joints if not _is_of_sound_only(joint)]


def _is_of_sound_only(joint: Sequence[_Jump]) -> bool:
    return all(jump.stream > 0 and abs(jump.shift) < _SMALL_JUMP for jump in joint)


def _clock(stream: int, joints: Sequence[Sequence[_Jump]], strays: NDArray[np.int64]) -> Clock:
    offset, starts, offsets = Fraction(0), [], []
    for joint in joints:
        own = next((jump for jump in joint if jump.stream == stream), None)
        if own is not None:
            offset += Fraction(max(jump.shift for jump in joint)).limit_denominator(90_000_000)
            starts.append(own.packet)
            offsets.append(offset)
    return Clock(tuple(starts), tuple(offsets), frozenset(map(int, strays)))


def frame_rate(
    times: NDArray[np.int64], time_base: Fraction, stated: Fraction | None, packets_a_frame: int = 1
) -> Fraction:
    """Frames a second of a video.

    The stated rate is kept where it agrees with the times. Otherwise it is measured over runs of
    16 frames whose duration is about the median one: breaks and long stills do not count.

    Args:
        times: (n,) presentation times of the packets in units of ``time_base``, in any order.
        time_base: Seconds per unit.
        stated: The rate in the file's header; None if it states none.
        packets_a_frame: 2 if each frame may be stored as two packets, one a field; else 1.

    """
    ordered = np.unique(times)
    if len(ordered) < 2:
        return stated or USUAL_RATE
    measured = _measured(ordered) / time_base
    if stated:
        for parts in range(1, packets_a_frame + 1):
            if abs(stated * parts / measured - 1) <= _SAME_RATE:
                return stated
    return measured.limit_denominator(1001)


def _measured(times: NDArray[np.int64]) -> Fraction:
    """Frames a unit of time; ``times`` increase."""
    run = min(_RUN, len(times) - 1)
    durations = times[run:] - times[:-run]
    usual = float(np.median(durations))
    steady = durations[np.abs(durations - usual) <= _STEADY * usual]
    return Fraction(run * len(steady), int(steady.sum()))
