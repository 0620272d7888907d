"""FFmpeg's filters for pictures, one after the other, in a graph that fits the pictures' form."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import av
from av.filter import Graph
from av.filter.context import FilterContext

from closeup.geometry import Size


class _Form(NamedTuple):
    """What a graph is made for: pictures of another form need another graph."""

    size: Size
    format: str
    matrix: int
    range: int

    @classmethod
    def of(cls, picture: av.VideoFrame) -> _Form:
        size = Size(picture.width, picture.height)
        return cls(size, picture.format.name, picture.colorspace, picture.color_range)


class PictureFilter:
    """A chain of FFmpeg filters that gives one picture for each picture, in order.

    A filter that looks at later pictures gives its own with a delay. Pictures keep their times
    and durations. One thread at a time may use a chain.

    Args:
        chain: Names of filters with their arguments.

    """

    def __init__(self, *chain: tuple[str, str]) -> None:
        self._chain = chain
        self._form: _Form | None = None
        self._waiting: deque[av.VideoFrame] = deque()

    def push(self, picture: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Feed the next picture; yields the pictures that are ready."""
        form = _Form.of(picture)
        if form != self._form:
            yield from self.end()
            self._open(form)
        self._waiting.append(picture)
        self._graph.push(picture)
        yield from self._ready()

    def end(self) -> Iterator[av.VideoFrame]:
        """The pictures that are left after the last one was fed; the chain can be used again."""
        if self._form is not None:
            self._graph.push(None)
            yield from self._ready()
            self._form = None

    def _open(self, form: _Form) -> None:
        source = (
            f"video_size={form.size}:pix_fmt={form.format}:time_base=1/1000"
            f":colorspace={form.matrix}:range={form.range}"
        )
        self._graph, self._form = Graph(), form
        nodes: list[FilterContext] = [self._graph.add("buffer", source)]
        nodes += [self._graph.add(name, arguments) for name, arguments in self._chain]
        self._graph.link_nodes(*nodes, self._graph.add("buffersink")).configure()

    def _ready(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                picture = self._graph.vpull()
            except (BlockingIOError, EOFError):
                return
            source = self._waiting.popleft()
            picture.time_base = source.time_base
            picture.pts, picture.dts = source.pts, source.dts
            picture.duration = source.duration
            yield picture
