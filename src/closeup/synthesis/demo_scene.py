"""The demo: two people on a stage, made from public-domain portraits included in packages."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.frames import RGBImage
from closeup.synthesis.costumes import WARDROBE
from closeup.synthesis.figures import Look
from closeup.synthesis.motion import Act, Key, Passage
from closeup.synthesis.portraits import Portrait, eileen_collins, grace_hopper
from closeup.synthesis.scene import Performer, Scene, Shot

_EILEEN, _GRACE = "Eileen Collins", "Grace Hopper"


def demo_scene(seed: int = 0) -> Scene:
    """Two members in two shots, 16 s of 1280x720 at 25 frames a second.

    They walk, turn, grow and shrink, cross in front of each other, leave and come back, and
    their faces are occluded, in moving light with a flash and a strobe; a hard cut is at 9 s.
    """
    performers = (
        _performer(_EILEEN, eileen_collins(), 0),
        _performer(_GRACE, grace_hopper(), 1),
    )
    return Scene(
        performers, (_crossing(), _leaving()), flashes=(3.4,), strobes=((13.6, 14.6),), seed=seed
    )


def _performer(name: str, photo: Portrait, costume: int) -> Performer:
    return Performer(name, (photo,), WARDROBE[costume], enrolment=variants(photo))


def variants(photo: Portrait) -> tuple[RGBImage, ...]:
    """Return four slightly different pictures of one photo, for people with a single photo.

    The photo unchanged, mirrored, brighter, and cropped around the face; RGB uint8.
    """
    image, face = photo.image, photo.face
    x, y = face.centre
    reach = 1.3 * face.height
    top, left = max(0, round(y - reach)), max(0, round(x - reach))
    crop = image[top : round(y + reach), left : round(x + reach)]
    brighter = np.asarray(cv2.convertScaleAbs(image, alpha=1.1, beta=12), np.uint8)
    return image, np.ascontiguousarray(image[:, ::-1]), brighter, np.ascontiguousarray(crop)


def _crossing() -> Shot:
    """They change places in front of each other, grow and shrink, and turn away."""
    eileen = Act(
        _EILEEN,
        (
            Key(0.0, 0.22, 0.34, 0.15), Key(2.0, 0.30, 0.33, 0.16), Key(4.6, 0.74, 0.32, 0.15),
            Key(6.4, 0.80, 0.35, 0.20), Key(9.0, 0.66, 0.34, 0.16),
        ),
        (Passage(Look.FRONT, 1.0, 1.5, flip=True), Passage(Look.BACK, 5.4, 6.6)),
    )  # fmt: skip
    grace = Act(
        _GRACE,
        (
            Key(0.0, 0.72, 0.36, 0.16), Key(1.6, 0.68, 0.36, 0.17), Key(4.8, 0.26, 0.38, 0.21),
            Key(7.0, 0.22, 0.40, 0.25), Key(9.0, 0.36, 0.36, 0.18),
        ),
        (Passage(Look.HAND, 7.2, 8.2),),
    )  # fmt: skip
    return Shot(9.0, (eileen, grace), backdrop=0)


def _leaving() -> Shot:
    """Another camera: one leaves to the left and comes back, the other is occluded by hair."""
    grace = Act(
        _GRACE,
        (
            Key(0.0, 0.30, 0.36, 0.18), Key(1.2, 0.22, 0.36, 0.18), Key(2.6, -0.16, 0.37, 0.19),
            Key(3.4, -0.16, 0.37, 0.19), Key(5.0, 0.30, 0.38, 0.20), Key(7.0, 0.42, 0.36, 0.17),
        ),
        (Passage(Look.FRONT, 5.4, 5.9, flip=True),),
    )  # fmt: skip
    eileen = Act(
        _EILEEN,
        (
            Key(0.0, 0.62, 0.38, 0.22), Key(2.4, 0.55, 0.40, 0.26), Key(4.6, 0.70, 0.37, 0.20),
            Key(7.0, 0.76, 0.36, 0.17),
        ),
        (Passage(Look.HAIR, 2.8, 3.7),),
    )  # fmt: skip
    return Shot(7.0, (grace, eileen), backdrop=1)
