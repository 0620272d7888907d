"""Effects by name: those of Closeup, and those of other packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points

from closeup.effects.options import EffectOptions
from closeup.errors import InputError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Effect

GROUP = "closeup.effects"
"""Group of the entry points by which other packages add effects."""

EffectFactory = Callable[[EffectOptions], Effect]
"""Opens an effect; what an entry point names."""


def _startled(options: EffectOptions) -> Effect:
    from closeup.effects.cartoon_eyes import EyeStyle, drawing_of
    from closeup.effects.extras import draw_extra
    from closeup.effects.startled import StartledEyes
    from closeup.effects.sticker import read_sticker
    from closeup.effects.triggers import open_trigger

    picture = None if options.eyes is None else read_sticker(options.eyes)
    style = options.style if picture is None else EyeStyle.PICTURE
    if style is EyeStyle.PICTURE and picture is None:
        raise InputError("the style picture needs a picture of an eye: give one with --eyes")
    return StartledEyes(
        drawing_of(style, picture),
        open_trigger(options.trigger),
        amount=_amount(options, 1.0),
        extras=[draw_extra(extra) for extra in options.extras],
    )


def _glare(options: EffectOptions) -> Effect:
    from closeup.effects.glare import GlaringEyes

    return GlaringEyes(options.direction, min(1.0, _amount(options, 0.8)))


def _bigger_eyes(options: EffectOptions) -> Effect:
    from closeup.effects.bigger_eyes import BiggerEyes

    return BiggerEyes(min(1.0, _amount(options, 0.6)))


def _sparkle(options: EffectOptions) -> Effect:
    from closeup.effects.sparkle import SparklingEyes

    return SparklingEyes(_amount(options, 1.0))


def _googly(options: EffectOptions) -> Effect:
    from closeup.effects.googly import GooglyEyes

    return GooglyEyes(_amount(options, 1.0))


def _laser(options: EffectOptions) -> Effect:
    from closeup.effects.laser import LaserEyes

    return LaserEyes(_amount(options, 1.0))


def _sticker(options: EffectOptions) -> Effect:
    from closeup.effects.sticker import Sticker, StickerPlacement, read_sticker

    if options.sticker is None:
        raise InputError("the effect sticker needs a picture: give a PNG with --sticker")
    placement = (
        StickerPlacement()
        if options.placement is None
        else StickerPlacement.read(options.placement)
    )
    return Sticker(read_sticker(options.sticker), placement, _amount(options, 1.0))


def _blur_faces(_options: EffectOptions) -> Effect:
    from closeup.effects.privacy import BlurredFaces

    return BlurredFaces()


def _pixelate(_options: EffectOptions) -> Effect:
    from closeup.effects.privacy import PixelatedFaces

    return PixelatedFaces()


def _black_bar(_options: EffectOptions) -> Effect:
    from closeup.effects.privacy import BlackBars

    return BlackBars()


def _amount(options: EffectOptions, usual: float) -> float:
    return usual if options.amount is None else options.amount


_OWN: dict[str, EffectFactory] = {
    "startled": _startled,
    "glare": _glare,
    "bigger-eyes": _bigger_eyes,
    "sparkle": _sparkle,
    "googly": _googly,
    "laser": _laser,
    "sticker": _sticker,
    "blur-faces": _blur_faces,
    "pixelate": _pixelate,
    "black-bar": _black_bar,
}

EFFECTS = tuple(_OWN)
"""Names of Closeup's own effects."""


def effect_names() -> tuple[str, ...]:
    """Names of all effects that are installed, Closeup's own first."""
    return (*EFFECTS, *sorted(_added().keys() - _OWN.keys()))


_WARPING = {"glare", "bigger-eyes"}
"""Effects that move the person's own pixels."""


def open_effect(names: str | Sequence[str], options: EffectOptions | None = None) -> Effect:
    """Open an effect, or several that are applied one after another.

    Those that move the person's own pixels come first, as they would distort what others draw.

    Args:
        names: A name, several names separated by commas, or a sequence of names.
        options: Options of all of them; None for the defaults.

    Raises:
        InputError: there is no such effect; the message lists all. An effect of another package
            cannot be imported, or a file that an effect needs cannot be used.

    """
    options = options or EffectOptions()
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]
    wanted.sort(key=lambda name: name not in _WARPING)
    effects = [_factory(name)(options) for name in wanted]
    return effects[0] if len(effects) == 1 else Chain(effects)


class Chain:
    """Applies effects one after another.

    Args:
        effects: The effects, each of which gets the picture that the one before returned.

    """

    def __init__(self, effects: Sequence[Effect]) -> None:
        self.effects = tuple(effects)

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        for effect in self.effects:
            image = effect(image, faces)
        return image


def _factory(name: str) -> EffectFactory:
    if name in _OWN:
        return _OWN[name]
    point = _added().get(name)
    if point is None:
        raise InputError(f"there is no effect {name!r}; there are {', '.join(effect_names())}")
    try:
        factory: EffectFactory = point.load()
    except Exception as error:  # a foreign package may raise anything
        raise InputError(
            f"the effect {name!r} of {point.value} cannot be imported ({type(error).__name__}: "
            f"{error}); install its package again"
        ) from error
    return factory


def _added() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
