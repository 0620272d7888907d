"""Goes from picture to picture: leases, decodes ahead, and says what cannot be shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from closeup.drawing.masks import RGBAImage
from closeup.errors import ImageError, InputError, OutputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession, LabelView
from closeup.labelling.shown_maps import LabelMaps, ShownMap
from closeup.store.label_queue import QueueCounts, Unit
from closeup.store.label_records import StoredLabel
from closeup.window.decoding_ahead import DecodingAhead
from closeup.window.label_tools import shown_mask

_AHEAD = 4
"""Pictures that are decoded before they are asked for."""
_COUNTING = 30
"""Time between two counts, over the time that one takes."""
_BEATS = 3
"""Heartbeats within the time of a lease."""


class LabelWalk:
    """The picture on the screen, and the way to others.

    Attributes:
        view: What is shown; None if the store has nothing to show.
        image: The picture; None if it cannot be shown.
        overlay: The mask that is judged, in colours; None without one.
        problem: Why the picture or its mask cannot be shown; empty if they can.
        is_gone: Whether the picture was deleted.
        maps: What the project's network says of labels; None without one.
        judged: What it says of the label on the screen; None until that is known.
        counts: How far the labelling is.
        class_counts: Class → number of its labels; empty in a task without classes.
        is_counted: Whether that is still true; set it to False after a change.

    Args:
        session: The person's session.
        project: The project.

    """

    def __init__(self, session: LabelSession, project: LabelProject) -> None:
        self.view: LabelView | None = None
        self.image: RGBImage | None = None
        self.overlay: RGBAImage | None = None
        self.problem = ""
        self.is_gone = False
        network = project.quality
        self.maps = None if network is None else LabelMaps(network, project.pictures)
        self.judged: ShownMap | None = None
        self.counts = QueueCounts(0, 0)
        self.class_counts: dict[str, int] = {}
        self.pictures = DecodingAhead(project.pictures)
        self._session = session
        self._pictures = project.pictures
        self._masks = project.masks
        self._period = project.term / _BEATS
        self._beat_at = self._count_at = 0.0
        self._leased: list[int] = []
        self._coming: list[Unit] = []
        self._near: list[LabelView] = []
        self._is_prepared = self.is_counted = False
        self.go(session.start())

    def go(self, unit: Unit | None) -> bool:
        """Show a unit; False, without going anywhere, if it is None or does not exist."""
        views = [] if unit is None else self._session.views([unit])
        if not views:
            return False
        self.view, self.image, self.overlay, self.problem = views[0], None, None, ""
        self._is_prepared = self.is_counted = self.is_gone = False
        self.judged = self._known(_label_of(views[0], None))
        try:
            self.image = self.pictures.picture(views[0].item)
            self.overlay = self._mask(views[0], Size.of(self.image))
        except ImageError as error:
            self.problem = str(error)
            self.is_gone = not self._pictures.is_there(views[0].item)
        return True

    def reload(self) -> None:
        """Read the labels of the same picture again."""
        if self.view is not None:
            self.view = next(iter(self._session.views([self.view.unit])), self.view)

    def following(self) -> Unit | None:
        """The unit after this one; None at the end."""
        if self._is_prepared:
            return next(iter(self._coming), None)
        return next(iter(self._session.following(self._unit)), None)

    def onward(self) -> Unit | None:
        """Where a verdict leads: to the next undecided unit behind this one, else the next one.

        Who decides again what was decided before goes on in order.
        """
        if self.view is None or self.view.verdict is not None:
            return self.following()
        coming = [view for view in self._near if self._is_prepared and view.unit in self._coming]
        found = next((view.unit for view in coming if view.verdict is None), None)
        behind = [found] if found else self._session.following(self._unit, undecided=True)
        return next(iter(behind), None) or self.following()

    def undecided(self) -> Unit | None:
        """The next undecided unit, from the beginning if there is none behind this one."""
        behind = self._session.following(self._unit, undecided=True)
        return next(iter(behind or self._session.following(None, undecided=True)), None)

    def preceding(self) -> Unit | None:
        """The unit before this one; None at the beginning."""
        if self.view is None:
            return None
        return next(iter(self._session.preceding(self.view.unit)), None)

    def prepare(self) -> bool:
        """Lease the picture, and decode the next ones; call it while the person looks.

        Returns:
            Whether something was done, so that the state has to be drawn again.

        """
        if self._is_prepared or self.view is None:
            return False
        self._is_prepared = True
        self._coming = self._session.following(self.view.unit, _AHEAD)
        near = [self.view.unit, *self._coming, *self._session.preceding(self.view.unit)]
        self._near = self._session.views(near)
        self.pictures.prepare([view.item for view in self._near])
        self.lease([self.view.item.id])
        self._note_size()
        return True

    def judge(self, chosen: str | None) -> bool:
        """Have the network judge the label on the screen and the next ones, in a thread.

        Args:
            chosen: Key of the label that the person works on, in a picture that is shown as a
                whole; None without one.

        Returns:
            Whether something else is known of the label on the screen than before.

        """
        if self.maps is None or self.view is None:
            return False
        own = _label_of(self.view, chosen)
        pairs = [(view.item, _label_of(view, None)) for view in self._near]
        pairs.insert(0, (self.view.item, own))
        self.maps.prepare([(item, label) for item, label in pairs if label is not None])
        before, self.judged = self.judged, self._known(own)
        return self.judged is not before

    def count(self) -> bool:
        """Count what is decided, if that changed, and not all the time where it takes long.

        Returns:
            Whether the counts changed.

        """
        begin = time.monotonic()
        if self.is_counted or begin < self._count_at:
            return False
        before, self.is_counted = (self.counts, self.class_counts), True
        self.counts = self._session.counts()
        if self._session.task.schema.classes:
            self.class_counts = self._session.store.class_counts(layer=self._session.layer)
        now = time.monotonic()
        self._count_at = now + _COUNTING * (now - begin)
        return (self.counts, self.class_counts) != before

    def lease(self, items: Sequence[int]) -> None:
        """Lease pictures until others are, and give back those that were leased before."""
        left = [item for item in self._leased if item not in items]
        self._beat_at, self._leased = time.monotonic() + self._period, list(items)
        if left:
            self._session.leases.give_back(left)
        self._session.leases.take(self._leased)

    def beat(self) -> None:
        """Lease the same pictures for longer, if it is time."""
        if time.monotonic() >= self._beat_at:
            self.lease(self._leased)

    def close(self) -> None:
        """Give the leases back and end the threads."""
        self.pictures.close()
        if self.maps is not None:
            self.maps.close()
        with suppress(InputError, OutputError):  # they end by themselves
            self._session.leases.give_back()

    @property
    def _unit(self) -> Unit | None:
        return None if self.view is None else self.view.unit

    def _known(self, label: StoredLabel | None) -> ShownMap | None:
        return None if self.maps is None or label is None else self.maps.known(label)

    def _note_size(self) -> None:
        if self.view is not None and self.view.item.size is None and self.image is not None:
            self._session.store.set_size(self.view.item.id, Size.of(self.image))

    def _mask(self, view: LabelView, size: Size) -> RGBAImage | None:
        labels = [view.label] if view.label is not None else view.item.labels
        name = next((label.annotation.mask for label in labels if label.annotation.mask), None)
        if name is None:
            return None
        if self._masks is None:
            raise ImageError(f"the label names the mask {name}, and no folder of masks is given")
        return shown_mask(self._masks, name, size)


def _label_of(view: LabelView, chosen: str | None) -> StoredLabel | None:
    """The label that is judged: that of the unit, else the chosen one, else the only one."""
    if view.label is not None:
        return view.label
    labels = view.item.labels
    found = next((label for label in labels if label.object == chosen), None)
    return labels[0] if found is None and len(labels) == 1 else found
