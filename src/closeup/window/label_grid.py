"""A page of pictures that are all true but the ones that are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from closeup.annotations import Annotation, LabelVerdict
from closeup.drawing.activation_maps import WARM
from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.editing_view import ScreenView
from closeup.labelling.label_task import LabelTask
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelView
from closeup.labelling.shown_maps import LabelMaps
from closeup.labels import Box, Point
from closeup.window.decoding_ahead import DecodingAhead
from closeup.window.label_canvas import (
    PictureLook,
    ShownLabel,
    draw_labels,
    draw_mask,
    draw_verdict,
    paste,
)
from closeup.window.label_panels import draw_notice
from closeup.window.label_tools import judged_labels, shown_mask

COLUMNS, ROWS = 6, 4
PAGE = COLUMNS * ROWS
_GAP = 6
_SHARE = 0.6
"""Share of a tile that the label fills."""
_STRIPE = 4
"""Height of the stripe whose length is the probability that a label is wrong."""
_PAPER = (24, 24, 24)
_CURSOR = (255, 255, 255)


class GridPage:
    """Units side by side, with the verdicts that a person gives them.

    Args:
        views: The units, at most :data:`PAGE`.
        pictures: Reads their pictures.
        project: The project.
        maps: What a network says of the labels; None without one.

    """

    def __init__(
        self,
        views: Sequence[LabelView],
        pictures: DecodingAhead,
        project: LabelProject,
        maps: LabelMaps | None = None,
    ) -> None:
        self.views = list(views)
        self.cursor = 0
        self._marks: dict[int, LabelVerdict] = {}
        self._pictures = pictures
        self._project = project
        self._maps = maps
        self._bad: dict[int, float] = {}
        self._tiles: dict[int, RGBImage] = {}
        self._shown: set[int] = set()
        self._unseen: set[int] = set()
        self._drawn_as: tuple[Size, PictureLook] | None = None

    @property
    def verdicts(self) -> list[tuple[LabelView, LabelVerdict | None]]:
        """Units with their verdicts: true, unless marked; unsure if they cannot be shown."""
        return [
            (view, self._marks.get(number, LabelVerdict.TRUE))
            if number in self._shown
            else (view, LabelVerdict.UNSURE)
            for number, view in enumerate(self.views)
            if number in self._shown | self._unseen
        ]

    @property
    def state(self) -> str:
        """Where the cursor is, and how many units are marked."""
        return f"{self.cursor + 1} of {len(self.views)}, {len(self._marks)} marked"

    def judge(self) -> bool:
        """Have the network judge the labels of the page; return whether another one is known."""
        if self._maps is None:
            return False
        pairs = [(view.item, view.label) for view in self.views]
        self._maps.prepare([(item, label) for item, label in pairs if label is not None])
        before = len(self._bad)
        for number, (_, label) in enumerate(pairs):
            known = None if label is None else self._maps.known(label)
            if known is not None:
                self._bad[number] = known.bad
        return len(self._bad) > before

    def mark(self, number: int, verdict: LabelVerdict) -> None:
        """Give a unit another verdict than true; the same one twice takes it back."""
        if number >= len(self.views):
            return
        self.cursor = number
        if self._marks.get(number) is verdict:
            del self._marks[number]
        else:
            self._marks[number] = verdict

    def move(self, right: int, down: int) -> None:
        """Move the cursor by tiles, as far as there are some."""
        column = min(max(self.cursor % COLUMNS + right, 0), COLUMNS - 1)
        row = min(max(self.cursor // COLUMNS + down, 0), ROWS - 1)
        if (number := row * COLUMNS + column) < len(self.views):
            self.cursor = number

    def at(self, place: Point, screen: Size) -> int | None:
        """Number of the tile at a place of the screen; None beside all of them."""
        width, height = screen.width / COLUMNS, screen.height / ROWS
        column, row = int((place[0] + 0.5) // width), int((place[1] + 0.5) // height)
        number = row * COLUMNS + column
        inside = 0 <= column < COLUMNS and 0 <= row < ROWS
        return number if inside and number < len(self.views) else None

    def drawn(self, screen: Size, look: PictureLook, *, judged: bool = True) -> RGBImage:
        """The page; RGB uint8 of the screen's size.

        Args:
            screen: Size of the screen in pixels.
            look: How the pictures are shown.
            judged: Whether what a network says of the labels is marked.

        """
        if self._drawn_as != (screen, look):
            self._tiles.clear()
            self._drawn_as = screen, look
        canvas = np.full((screen.height, screen.width, 3), _PAPER, np.uint8)
        size = Size(max(1, screen.width // COLUMNS - _GAP), max(1, screen.height // ROWS - _GAP))
        for number, view in enumerate(self.views):
            if number not in self._tiles:
                self._tiles[number] = self._tile(number, view, size, look)
            tile = np.array(self._tiles[number])
            draw_verdict(tile, self._marks.get(number))
            if judged:
                tile[-_STRIPE:, : round(self._bad.get(number, 0.0) * tile.shape[1])] = WARM
            if number == self.cursor:
                _frame(tile)
            left = round(number % COLUMNS * screen.width / COLUMNS) + _GAP // 2
            top = round(number // COLUMNS * screen.height / ROWS) + _GAP // 2
            paste(canvas, tile, left, top)
        return canvas

    def _tile(self, number: int, view: LabelView, size: Size, look: PictureLook) -> RGBImage:
        try:
            image = self._pictures.picture(view.item)
            place = tile_view(view, Size.of(image), size)
            tile = look.applied(place.shown(image, size))
            name = None if view.label is None else view.label.annotation.mask
            if name is not None and self._project.masks is not None:
                overlay = shown_mask(self._project.masks, name, Size.of(image))
                tile = draw_mask(tile, overlay, place, look.opacity)
        except ImageError as error:
            tile = np.full((size.height, size.width, 3), _PAPER, np.uint8)
            draw_notice(tile, error.kind)
            self._unseen.add(number)
            return tile
        self._shown.add(number)
        return draw_labels(tile, _small(view, self._project.task), place, look.opacity)


def tile_view(view: LabelView, picture: Size, screen: Size) -> ScreenView:
    """Where a picture lies in a tile: the judged label in the middle, or the whole picture."""
    box = None if view.label is None else extent(view.label.annotation)
    whole = ScreenView.fitted(picture, screen)
    if box is None:
        return whole
    near = ScreenView.around(box, screen, _SHARE)
    return near if near.scale > whole.scale else whole


def extent(annotation: Annotation) -> Box | None:
    """The box of an object, or one around its points; None with neither, or with one point."""
    if annotation.box is not None:
        return annotation.box
    across = [point.x for point in annotation.points.values()]
    down = [point.y for point in annotation.points.values()]
    if not across or max(across) - min(across) + max(down) - min(down) <= 0:
        return None
    return min(across), min(down), max(across), max(down)


def _small(view: LabelView, task: LabelTask) -> list[ShownLabel]:
    """The judged label without text, for which a tile has no room."""
    return [replace(one, text="", named=False) for one in judged_labels(view, task) if one.strong]


def _frame(tile: RGBImage) -> None:
    for edge in (tile[:3], tile[-3:], tile[:, :3], tile[:, -3:]):
        edge[:] = _CURSOR
