"""Sizes of a video's pictures, which change in mid-file when a phone is turned or a call adapts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from closeup.geometry import Size
from closeup.media.source import opened


def sizes_at(path: Path, index: int, keyframes: Collection[int]) -> Iterator[Size]:
    """Stored sizes of keyframes, each decoded by itself; those that cannot be are left out.

    Args:
        path: The file.
        index: The index of the stream of pictures.
        keyframes: Numbers of the keyframes' packets, increasing.

    """
    if not keyframes:
        return
    with opened(path) as container:
        stream = cast("VideoStream", container.streams[index])
        wanted, number = set(keyframes), -1
        for packet in container.demux(stream):
            number += bool(packet.size)
            if number in wanted:
                wanted.remove(number)
                yield from _size(packet, stream.codec_context)
            if not wanted:
                return


def _size(packet: Packet[VideoStream], like: VideoCodecContext) -> Iterator[Size]:
    """The size of a keyframe, by a decoder of its own: the stream's would want what is between."""
    decoder = cast("VideoCodecContext", av.CodecContext.create(like.codec.name, "r"))
    decoder.extradata = like.extradata
    if packet.has_sidedata("new_extradata"):
        decoder.extradata = bytes(packet.get_sidedata("new_extradata"))
    try:
        pictures = [*decoder.decode(packet), *decoder.decode(None)]
    except av.FFmpegError:
        return
    yield from (Size(picture.width, picture.height) for picture in pictures[:1])
