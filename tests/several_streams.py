"""Files with several streams of pictures or sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.stream import Disposition


def streams(path: Path, *sources: tuple[Path, str, str]) -> Path:
    """Copy streams into one file, each given by its file, its kind and its state.

    A stream is ``default``, ``other``, a ``cover``, or ``spoilt`` so that no decoder takes it.
    """
    flags = {"default": Disposition.default, "cover": Disposition.attached_pic}
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as output:
        packets = []
        for source, kind, state in sources:
            with av.open(str(source)) as container:
                stream = getattr(container.streams, kind)[0]
                target = output.add_stream_from_template(stream)
                target.disposition = flags.get(state, Disposition(0))
                for packet in container.demux(stream):
                    if packet.size:
                        data = rng.bytes(packet.size) if state == "spoilt" else bytes(packet)
                        packets.append((packet.dts * packet.time_base, packet, data, target))
        for _, packet, data, target in sorted(packets, key=lambda row: row[0]):
            copy = av.Packet(data)
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe, copy.duration = packet.is_keyframe, packet.duration
            copy.stream = target
            output.mux(copy)
    return path
