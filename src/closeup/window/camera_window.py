"""The window of ``closeup camera``: shows, records and takes pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from closeup.drawing.lettering import label
from closeup.errors import OutputError
from closeup.files.unique_names import numbered
from closeup.frames import Frame, RGBImage
from closeup.geometry import Size
from closeup.media.images import write_image
from closeup.pipeline.effects.camera import CameraEffects, CameraPicture
from closeup.pipeline.search.drawn_video import DrawnVideo, recorded_video
from closeup.progress import Progress
from closeup.window.display import check_display, is_open

TITLE = "Closeup"
KEYS = "1-9 effect, 0 none, t trigger, space picture, h figures, q end"
"""Keys of the window, for help."""

WITHOUT_DISPLAY = "give --no-window with --record"
"""What to do where there is no display."""

_RATE = Fraction(30)
"""Usual pictures a second of a camera, for a recording's rate control."""
_LETTERS = 18
"""Height of the figures in pixels."""


@dataclass(slots=True, eq=False)
class CameraWindow:
    """Shows the pictures of a camera and writes them where asked.

    Attributes:
        effects: Draws the pictures and handles the keys of effects.
        progress: Receives the names of pictures that were taken.
        shown: Whether there is a window; False records or sends only.
        record: MP4 to write; None for none.
        virtual: Whether the pictures are sent to the virtual camera.
        pictures: Folder of the pictures that the space bar takes.

    """

    effects: CameraEffects
    progress: Progress
    shown: bool = True
    record: Path | None = None
    virtual: bool = False
    pictures: Path = field(default_factory=Path.cwd)
    _figures: bool = field(default=False, init=False)

    def run(self, frames: Iterable[Frame]) -> int:
        """Show frames until they end, ``q`` is pressed, the window is closed, or Ctrl-C.

        A recording is whole in all these cases.

        Args:
            frames: The frames of a camera.

        Returns:
            The number of frames that were drawn.

        Raises:
            OutputError: there is no display for the window, the recording cannot be written, or
                there is no virtual camera.

        """
        if self.shown:
            check_display(WITHOUT_DISPLAY)
        count = 0
        # Wherever Ctrl-C arrives, the recording must end as if the frames had ended.
        with ExitStack() as stack, suppress(KeyboardInterrupt):
            sinks: list[Callable[[CameraPicture], None]] = []
            for count, shown in enumerate(self.effects.drawn(frames), 1):
                if count == 1:
                    sinks = self._sinks(stack, shown)
                for sink in sinks:
                    sink(shown)
                if self.shown and not self._show(shown):
                    break
        return count

    def _sinks(
        self, stack: ExitStack, first: CameraPicture
    ) -> list[Callable[[CameraPicture], None]]:
        """Open what the pictures are written to, now that their size is known."""
        sinks: list[Callable[[CameraPicture], None]] = []
        size = Size.of(first.image)
        if self.record is not None:
            video = stack.enter_context(recorded_video(self.record, size, _RATE))
            sinks.append(lambda shown: _write(video, shown))
        if self.virtual:
            send = stack.enter_context(virtual_camera(size, float(_RATE)))
            sinks.append(lambda shown: send(shown.image))
        if self.shown:
            stack.enter_context(_opened_window())
        return sinks

    def _show(self, shown: CameraPicture) -> bool:
        """Show a picture and handle a key; False to end."""
        image = _with_figures(shown) if self._figures else shown.image
        cv2.imshow(TITLE, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        code = cv2.waitKey(1)
        key = chr(code & 0xFF) if code >= 0 else ""
        if key == "h":
            self._figures = not self._figures
        elif key == " ":
            self._take(shown.image)
        elif key != "q":
            self.effects.press(key)
        return key != "q" and is_open(TITLE)

    def _take(self, image: RGBImage) -> None:
        name = self.pictures / f"closeup-{time.strftime('%Y%m%d-%H%M%S')}.png"
        path = next(path for path in numbered(name) if not path.exists())
        write_image(path, image)
        self.progress.say(f"took {path}")


@contextmanager
def _opened_window() -> Iterator[None]:
    cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    try:
        yield
    finally:
        if is_open(TITLE):
            cv2.destroyWindow(TITLE)


def _write(video: DrawnVideo, shown: CameraPicture) -> None:
    video.write(shown.frame.timecode.seconds, video.prepared(shown.image))


def _with_figures(shown: CameraPicture) -> RGBImage:
    text = f"{shown.rate:.0f} frames/s, {1000 * shown.latency:.0f} ms"
    plate = label(text, text, _LETTERS, (40, 160, 60))
    image = np.array(shown.image)
    target = image[: plate.shape[0], : plate.shape[1]]
    target[:] = plate[: target.shape[0], : target.shape[1]]
    return image


@contextmanager
def virtual_camera(size: Size, rate: float) -> Iterator[Callable[[RGBImage], None]]:
    """Open the virtual camera of this machine.

    Args:
        size: Size of the pictures in pixels.
        rate: Pictures a second.

    Yields:
        A function that sends a picture, RGB uint8 of shape (H, W, 3).

    Raises:
        OutputError: ``pyvirtualcam`` is not installed, or the machine has no virtual camera.

    """
    try:
        import pyvirtualcam
    except ImportError as error:
        raise OutputError(
            "a virtual camera needs pyvirtualcam: pip install 'closeup[camera]'"
        ) from error
    try:
        camera = pyvirtualcam.Camera(*size, rate)
    except RuntimeError as error:
        raise OutputError(
            f"there is no virtual camera ({' '.join(str(error).split())}); on Linux load "
            "v4l2loopback (exclusive_caps=1), elsewhere install OBS Studio"
        ) from error
    with camera:
        yield camera.send
