"""What keys and the pointer do in the labelling window, and what it shows; no window library."""

from __future__ import annotations

from uuid import uuid4

from closeup.annotations import LabelVerdict
from closeup.errors import InputError, OutputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.editing import COARSE, FINE
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.label_task import LabelMode
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession
from closeup.labels import Point
from closeup.store.label_queue import Unit
from closeup.window.box_tool import BoxTool
from closeup.window.label_grid import PAGE, GridPage
from closeup.window.label_keys import ARROWS
from closeup.window.label_panels import draw_help, draw_list
from closeup.window.label_saving import LabelSaving, SaveState
from closeup.window.label_screen import LabelScreen
from closeup.window.label_tools import LabelTool, latest_labels
from closeup.window.label_walk import LabelWalk
from closeup.window.point_tool import PointTool

_REACH = 12.0
"""Screen pixels around a point or edge within which the pointer takes hold of it."""
_ZOOM = 1.25
_STEP = 40.0
"""Screen pixels by which an arrow moves the picture."""
_VERDICTS = {
    KeyAction.TRUE: LabelVerdict.TRUE,
    KeyAction.FALSE: LabelVerdict.FALSE,
    KeyAction.SKIP: LabelVerdict.UNSURE,
}
_LOOKS: dict[KeyAction, tuple[str, float]] = {
    KeyAction.FAINTER: ("opacity", -0.1),
    KeyAction.STRONGER: ("opacity", 0.1),
    KeyAction.DARKER: ("brightness", -12.0),
    KeyAction.BRIGHTER: ("brightness", 12.0),
    KeyAction.LESS_CONTRAST: ("contrast", -0.1),
    KeyAction.MORE_CONTRAST: ("contrast", 0.1),
}


class LabelDesk:
    """A person's labelling on a screen of a known size.

    Attributes:
        ended: Whether the person wants to quit.
        changed: Whether the screen has to be drawn again.
        saving: Whether what the person did is saved.
        session: The person's session.
        tool: What the pointer does with the picture; None in a review.

    Args:
        session: The person's session.
        project: The project.
        screen: Size of the screen in pixels, with the lines of text at its end.

    """

    def __init__(self, session: LabelSession, project: LabelProject, screen: Size) -> None:
        self.ended = False
        self.changed = True
        self.saving = LabelSaving()
        self.walk = LabelWalk(session, project)
        self.screen = LabelScreen(session.task, screen)
        self.session = session
        self._project = project
        self._task = session.task
        self.tool = _tool(session, self.saving)
        self._grid: GridPage | None = None
        self._panel: KeyAction | None = None
        self._notice = ""
        self._warned = False
        self._panning: Point | None = None
        self._begin()

    @property
    def title(self) -> str:
        """What the window's frame says."""
        return self._notice or self.saving.message

    def resize(self, size: Size) -> None:
        """Take up another size of the screen."""
        if size != self.screen.size:
            self.screen.size = size
            self._fit(anew=True)
            self.changed = True

    def key(self, key: str, *, fine: bool = False) -> None:
        """Do what a key asks for.

        Args:
            key: Name of the key, as in :class:`closeup.labelling.key_bindings.KeyBindings`.
            fine: Whether arrows move by a quarter of a pixel.

        """
        self.changed, self._notice = True, ""
        try:
            self._press_key(key, FINE if fine else COARSE)
        except (InputError, OutputError) as error:
            self._notice = str(error)

    def press(self, at: Point, *, shift: bool = False) -> None:
        """The left button goes down at a place of the screen."""
        self.screen.pointer, self.changed, self._notice = at, True, ""
        if self._grid is not None:
            number = self._grid.at(at, self.screen.area)
            if number is not None:
                self._grid.mark(number, LabelVerdict.FALSE)
                self._notice = self._grid.state
        elif self._hand is not None:
            view = self.screen.view
            self._hand.press(view.to_picture(at), _REACH / view.scale, shift=shift)

    def hold(self, at: Point) -> None:
        """The right button goes down, which moves the picture until it comes up."""
        self._panning = at

    def move(self, at: Point) -> None:
        """The pointer moves."""
        if self._panning is not None:
            self.screen.pan(at[0] - self._panning[0], at[1] - self._panning[1], self.walk.image)
            self._panning = at
        elif self._hand is not None:
            self._hand.drag(self.screen.view.to_picture(at))
        self.screen.pointer = at
        self.changed |= self._hand is not None or self._panning is not None

    def release(self) -> None:
        """A button comes up."""
        self.changed, self._panning = True, None
        if self._hand is not None:
            self._after_writing(self._hand.release())

    def zoom(self, factor: float) -> None:
        """Enlarge or reduce the picture around the pointer."""
        self.screen.zoom(factor, self.walk.image)
        self.changed = True

    def idle(self) -> None:
        """Prepare what comes next while nothing else is to be done."""
        try:
            if self._grid is None:
                self.changed |= self.walk.prepare()
                self.changed |= self.walk.judge(None if self.tool is None else self.tool.chosen())
            else:
                self.changed |= self._grid.judge()
            self.changed |= self.walk.count()
            self.walk.beat()
        except (InputError, OutputError) as error:
            self._notice, self.changed = str(error), True

    def close(self) -> None:
        """Give the leases back and end the threads."""
        self.walk.close()

    def drawn(self) -> RGBImage:
        """The screen; (height, width, 3) RGB uint8."""
        self.changed = False
        canvas = self.screen.drawn(self.walk, self._hand, self._grid)
        state = self.saving.state
        is_alarm = not self._notice and state in {SaveState.FAILED, SaveState.STALE}
        self.screen.draw_bars(canvas, self.walk, self._hand, self._grid, self.title, is_alarm)
        if self._panel is KeyAction.HELP:
            draw_help(canvas, self._task.keys, self._task.mode, self._task.guidance)
        elif self._panel is KeyAction.SHOW:
            draw_list(canvas, "Your latest labels", latest_labels(self.session))
        return canvas

    @property
    def _hand(self) -> LabelTool | None:
        """The tool, if there is a picture for it to work on."""
        return self.tool if self.walk.image is not None and self._grid is None else None

    # --- keys

    def _press_key(self, key: str, step: float) -> None:
        action = self._task.keys.action(key)
        self._warned &= action is KeyAction.QUIT
        if self._panel is not None:  # any key closes it, and quitting is not meant then
            shown, self._panel = self._panel, None
            if action in {shown, KeyAction.QUIT}:
                return
        if action is KeyAction.QUIT and self._grid is None:
            self._quit()
        elif action in {KeyAction.HELP, KeyAction.SHOW}:
            self._panel = action
        elif action is KeyAction.MAP:
            self._toggle_map()
        elif action in _LOOKS:
            self._notice = self.screen.change_look(*_LOOKS[action])
        elif self._grid is not None:
            self._press_grid_key(self._grid, key, action)
        elif action is not None:
            self._act(action)
        elif key in ARROWS:
            self._arrow(key, step)
        elif key.isdecimal() and self._hand is not None:
            self._after_writing(self._hand.give_name((int(key) - 1) % 10))

    def _act(self, action: KeyAction) -> None:
        moves = {
            KeyAction.NEXT: self.walk.following,
            KeyAction.PREVIOUS: self.walk.preceding,
            KeyAction.UNDECIDED: self.walk.undecided,
            KeyAction.LAST: self.session.last,
        }
        if action in moves:
            self._go(moves[action](), action)
        elif action in _VERDICTS:
            self._judge(_VERDICTS[action])
        elif action is KeyAction.PAGE and self.walk.is_gone:
            self._skip_gone()
        elif action is KeyAction.PAGE:
            self._judge(LabelVerdict.TRUE, carry=True)
        elif action is KeyAction.ZOOM_IN:
            self.zoom(_ZOOM)
        elif action is KeyAction.ZOOM_OUT:
            self.zoom(1 / _ZOOM)
        elif action is KeyAction.UNDO:
            self._undo()
        elif action is KeyAction.SAVE:
            self._save()
        elif action is KeyAction.GRID:
            self._open_grid(None if self.walk.view is None else self.walk.view.unit)
        elif action is KeyAction.COPY:
            self._copy_from(self.walk.preceding())
        elif self._hand is not None:
            self._after_writing(self._hand.act(action))

    def _arrow(self, key: str, step: float) -> None:
        right, down = ARROWS[key]
        wrote = None if self._hand is None else self._hand.nudge(step * right, step * down)
        if wrote is None:
            self.screen.pan(-_STEP * right, -_STEP * down, self.walk.image)
        else:
            self._after_writing(wrote)

    def _toggle_map(self) -> None:
        self.screen.shows_map = not self.screen.shows_map
        if self.walk.maps is None:
            self._notice = "no network judges the labels; closeup review --quality names one"

    def _quit(self) -> None:
        """End, unless something is not saved; a second time ends nevertheless."""
        if self._grid is not None:
            self._grid = None
        elif self.saving.is_pending and not self.saving.retry() and not self._warned:
            self._warned = True
            self._notice = f"{self.saving.message}; quit once more to lose it"
        else:
            self.ended = True

    def _save(self) -> None:
        if self.saving.retry():
            self._after_writing(True)
            self._notice = "saved; every action is saved at once"

    # --- going and writing

    def _begin(self) -> None:
        """Take up the picture that the walk shows now."""
        self._fit()
        if self.tool is not None and self.walk.view and self.walk.image is not None:
            self.tool.begin(self.walk.view, Size.of(self.walk.image))

    def _fit(self, *, anew: bool = False) -> None:
        if self.walk.view is not None and self.walk.image is not None:
            self.screen.fit(self.walk.view, Size.of(self.walk.image), anew=anew)

    def _go(self, unit: Unit | None, action: KeyAction | None = None) -> bool:
        if self.saving.is_pending and not self.saving.retry():
            return False
        if self.walk.go(unit):
            self._begin()
            return True
        ends = {KeyAction.PREVIOUS: "this is the first one", KeyAction.UNDECIDED: "all are decided",
                KeyAction.LAST: "you have not labelled anything yet"}  # fmt: skip
        self._notice = ends.get(action or KeyAction.NEXT, "this is the last one")
        return False

    def _judge(self, verdict: LabelVerdict, *, carry: bool = False) -> None:
        view, action = self.walk.view, uuid4().hex
        if view is None:
            return
        # A mask that cannot be shown may be called false; without its picture nothing may.
        is_refused = self.walk.problem if verdict is LabelVerdict.TRUE else self.walk.image is None
        if is_refused and verdict is not LabelVerdict.UNSURE:
            self._notice = "what cannot be seen cannot be judged; skip it"
            return
        following = self.walk.onward()
        if not self.saving.run("verdict", lambda: self.session.judge([view], verdict, action)):
            return
        if self._go(following):
            if carry and self._task.keep and self.walk.view and not self.walk.view.item.labels:
                self._copy_from(view.unit)
        else:
            self._after_writing(True)
            self._notice = "that was the last one"

    def _skip_gone(self) -> None:
        """Pass over all pictures that were deleted, wherever in the queue they are."""
        action, pictures = uuid4().hex, self._project.pictures
        if self.saving.run("gone", lambda: self.session.skip_gone(pictures, action)):
            following = self.walk.undecided()
            self._after_writing(following is None or not self._go(following))
            self._notice = "skipped all pictures that are gone"

    def _copy_from(self, source: Unit | None) -> None:
        target, action = self.walk.view, uuid4().hex
        views = [] if source is None else self.session.views([source])
        if target is None or not views:
            self._notice = "there is no picture before this one"
            return
        self._after_writing(
            self.saving.run(
                ("copy", target.item.id),
                lambda: self.session.copied(views[0].item, target.item, action),
            )
        )

    def _undo(self) -> None:
        done = self.session.undo()
        if not done:
            self._notice = "there is nothing to undo"
            return
        self.saving.state = SaveState.SAVED
        item, written = done[0]
        objects = {one.id: one.object for one in self.session.store.history(item)}
        unit = Unit(item, objects.get(written.revision, ""))
        if self.walk.view is not None and item == self.walk.view.item.id and self.tool is not None:
            unit = self.walk.view.unit
        self._go(unit if self.tool is None else Unit(item))
        self._notice = f"took back {len(done)} {'label' if len(done) == 1 else 'labels'}"

    def _after_writing(self, wrote: bool) -> None:
        """Show the labels as they are in the store now, if something was written."""
        if not wrote or self.walk.view is None:
            return
        self.walk.reload()
        self.walk.is_counted = False
        if self.tool is not None and self.walk.image is not None:
            self.tool.refresh(self.walk.view)

    # --- the grid

    def _open_grid(self, first: Unit | None) -> None:
        if first is None:
            return
        units = [first, *self.session.following(first, PAGE - 1)]
        views = self.session.views(units)
        self.walk.pictures.prepare([view.item for view in views])
        self.walk.lease([view.item.id for view in views])
        self._grid = GridPage(views, self.walk.pictures, self._project, self.walk.maps)
        self._notice = self._grid.state

    def _press_grid_key(self, grid: GridPage, key: str, action: KeyAction | None) -> None:
        last = grid.views[-1].unit
        if action in {KeyAction.GRID, KeyAction.QUIT}:
            self._grid = None
            self._go(grid.views[grid.cursor].unit)
        elif action is KeyAction.PAGE:
            name = uuid4().hex
            if self.saving.run("page", lambda: self.session.judge_each(grid.verdicts, name)):
                self._turn_to(next(iter(self.session.following(last)), None))
        elif action is KeyAction.NEXT:
            self._turn_to(next(iter(self.session.following(last)), None))
        elif action is KeyAction.PREVIOUS:
            before = self.session.preceding(grid.views[0].unit, PAGE)
            self._turn_to(before[-1] if before else None)
        elif action in {KeyAction.FALSE, KeyAction.SKIP}:
            grid.mark(grid.cursor, _VERDICTS[action])
            self._notice = grid.state
        elif action is KeyAction.UNDO:
            self._notice = f"took back {len(self.session.undo())} verdicts"
        elif key in ARROWS:
            grid.move(*ARROWS[key])
            self._notice = grid.state

    def _turn_to(self, first: Unit | None) -> None:
        if first is None:
            self._notice = "there are no more pages"
        else:
            self._open_grid(first)


def _tool(session: LabelSession, saving: LabelSaving) -> LabelTool | None:
    """The tool of the task's mode; None for a review, in which the pointer changes nothing."""
    if session.task.mode is LabelMode.POINTS:
        return PointTool(session, saving)
    if session.task.mode is LabelMode.BOXES:
        return BoxTool(session, saving)
    return None
