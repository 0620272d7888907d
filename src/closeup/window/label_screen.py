"""The screen of the labelling window: where the picture lies on it, and how it is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from closeup.drawing.colours import Colour
from closeup.drawing.masks import RGBAImage
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.editing_view import ScreenView
from closeup.labelling.label_task import LabelMode, LabelTask
from closeup.labelling.session import LabelView
from closeup.labels import Point
from closeup.window.box_tool import BoxTool
from closeup.window.label_canvas import (
    PictureLook,
    draw_cursor,
    draw_labels,
    draw_magnifier,
    draw_mask,
    draw_verdict,
    paste,
)
from closeup.window.label_grid import GridPage, tile_view
from closeup.window.label_panels import (
    BAR,
    NamedClass,
    bar,
    draw_judgement,
    draw_names,
    draw_notice,
    keys_in_short,
)
from closeup.window.label_tools import LabelTool, judged_labels
from closeup.window.label_walk import LabelWalk
from closeup.window.point_tool import PointTool

_LIMITS = {"opacity": (0.0, 1.0), "brightness": (-128.0, 128.0), "contrast": (0.2, 4.0)}
_TOO_SMALL = 4
"""A label that could be this much larger on the screen is shown larger than its picture is."""
_WHITE: Colour = (255, 255, 255)
_ALARM: Colour = (150, 30, 30)
_CALM: Colour = (32, 32, 32)


class LabelScreen:
    """Draws what the person sees, and knows where the picture is.

    Attributes:
        size: Size of the screen in pixels, with two lines of text at its end.
        view: Where the picture lies on it.
        look: How the person wants to see pictures.
        pointer: Place of the pointer.

    Args:
        task: The task.
        size: Size of the screen.

    """

    def __init__(self, task: LabelTask, size: Size) -> None:
        self.size = size
        self.view = ScreenView(1, 0, 0)
        self.look = PictureLook()
        self.pointer: Point = (size.width / 2, size.height / 2)
        self._task = task
        self._fitted: ScreenView | None = None
        self._base: _Background | None = None
        self.shows_map = True

    @property
    def area(self) -> Size:
        """Size of the screen without the lines of text."""
        return Size(self.size.width, max(1, self.size.height - 2 * BAR))

    def fit(self, view: LabelView, picture: Size, *, anew: bool = False) -> None:
        """Show the whole picture, or the judged label if it would be too small to judge.

        Pictures of one size keep the zoom that the person chose, unless ``anew`` is true.
        """
        fitted = ScreenView.fitted(picture, self.area)
        is_review = self._task.mode is LabelMode.REVIEW
        near = tile_view(view, picture, self.area) if is_review else fitted
        if near.scale > _TOO_SMALL * fitted.scale:
            self.view = near
        elif anew or fitted != self._fitted:
            self.view = fitted
        self._fitted = fitted

    def zoom(self, factor: float, image: RGBImage | None) -> None:
        """Enlarge or reduce the picture around the pointer."""
        if image is not None and self._fitted is not None:
            view = self.view.zoomed(factor, self.pointer, self._fitted.scale / 2)
            self.view = view.kept(Size.of(image), self.area)

    def pan(self, right: float, down: float, image: RGBImage | None) -> None:
        """Move the picture by pixels of the screen."""
        if image is not None:
            self.view = self.view.moved(right, down).kept(Size.of(image), self.area)

    def change_look(self, name: str, step: float) -> str:
        """Change the opacity, brightness or contrast; return what it is now, in words."""
        least, most = _LIMITS[name]
        value = round(min(max(getattr(self.look, name) + step, least), most), 3)
        self.look = replace(self.look, **{name: value})
        return f"{name} {value:g}"

    def drawn(self, walk: LabelWalk, tool: LabelTool | None, grid: GridPage | None) -> RGBImage:
        """The screen without its lines of text; (height, width, 3) RGB uint8."""
        canvas = np.zeros((self.size.height, self.size.width, 3), np.uint8)
        if grid is not None:
            paste(canvas, grid.drawn(self.area, self.look, judged=self.shows_map), 0, 0)
            return canvas
        if walk.view is not None and walk.image is not None:
            paste(canvas, self._picture(walk, walk.view, walk.image, tool), 0, 0)
        problem = walk.problem or ("" if walk.view else "there is nothing to label")
        if problem:
            draw_notice(canvas, problem)
        return canvas

    def draw_bars(
        self,
        canvas: RGBImage,
        walk: LabelWalk,
        tool: LabelTool | None,
        grid: GridPage | None,
        message: str,
        is_alarm: bool,
    ) -> None:
        """Write how far the labelling is, what a gesture does, and a message; then the keys."""
        parts = [f"{walk.counts.decided} of {walk.counts.all} decided"]
        if grid is None and walk.view is not None:
            item, held = walk.view.item, ", ".join(walk.view.held_by)
            parts += ["" if tool is None else tool.state(), walk.view.reason]
            parts += [f"also open: {held}" if held else "", item.path]
            parts += [] if item.frame is None else [f"frame {item.frame}"]
        text = "   ".join(part for part in parts if part)
        colour = _ALARM if is_alarm else _CALM
        width, top = canvas.shape[1], canvas.shape[0] - 2 * BAR
        paste(canvas, bar(width, text, message, colour), 0, top)
        keys = keys_in_short(self._task.keys, self._task.mode, grid=grid is not None)
        paste(canvas, bar(width, keys, ""), 0, top + BAR)

    def _picture(
        self, walk: LabelWalk, view: LabelView, image: RGBImage, tool: LabelTool | None
    ) -> RGBImage:
        labels = judged_labels(view, self._task) if tool is None else tool.labels()
        canvas = draw_labels(self._background(walk, image), labels, self.view, self.look.opacity)
        draw_verdict(canvas, view.verdict)
        if self.shows_map and walk.judged is not None:
            draw_judgement(canvas, walk.judged)
        if isinstance(tool, PointTool):
            at = tool.focus() or self.view.to_picture(self.pointer)
            draw_magnifier(canvas, image, at, self.view, self.look)
        elif isinstance(tool, BoxTool):
            for at in tool.extremes:
                draw_cursor(canvas, self.view.to_screen(at), _WHITE)
            draw_names(canvas, self._names(walk, tool), tool.name)
        return canvas

    def _names(self, walk: LabelWalk, tool: BoxTool) -> list[NamedClass]:
        targets = self._task.schema.targets
        return [
            NamedClass(name, tool.colour(name), walk.class_counts.get(name, 0), targets.get(name))
            for name in self._task.schema.classes
        ]

    def _background(self, walk: LabelWalk, image: RGBImage) -> RGBImage:
        """The picture and its mask, which are drawn anew only if they or the view changed."""
        base, seen = self._base, (self.view, self.look, self.area)
        if (
            base is None
            or base.seen != seen
            or base.image is not image
            or base.overlay is not walk.overlay
        ):
            canvas = self.look.applied(self.view.shown(image, self.area))
            if walk.overlay is not None:
                canvas = draw_mask(canvas, walk.overlay, self.view, self.look.opacity)
            base = self._base = _Background(image, walk.overlay, seen, canvas)
        return base.canvas


class _Background(NamedTuple):
    """A drawn picture, and what it was drawn from."""

    image: RGBImage
    overlay: RGBAImage | None
    seen: tuple[ScreenView, PictureLook, Size]
    canvas: RGBImage
