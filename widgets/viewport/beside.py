"""A picture of something else from the very place that the viewport looks from, for the wipe."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.geometry.camera import Pinhole
from widgets.viewport.easel import same_eye
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Pixels
from widgets.viewport.layers import FlatPhoto
from widgets.viewport.surface import now

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport


@dataclass(frozen=True, eq=False)
class Beside:
    """What `eye` would see, `photo`, and in `words` what that is."""

    eye: Eye
    photo: FlatPhoto
    words: str

    @staticmethod
    def of(eye: Eye, pixels: Pixels, words: str) -> "Beside":
        """`pixels` [h, w, 3] may be smaller than the eye's picture."""
        height, width = pixels.shape[:2]
        return Beside(eye, FlatPhoto(pixels, pinhole_of(eye.resized(width, height))), words)

    def fits(self, eye: Eye) -> bool:
        """Whether it is what `eye` would see."""
        return same_eye(self.eye, eye)


def pinhole_of(eye: Eye) -> Pinhole:
    """The camera of `eye`, which is no parallel projection."""
    return Pinhole(eye.width, eye.height, eye.fx, eye.fy, eye.cx, eye.cy)


def resting_eye(viewport: "Viewport") -> Eye | None:
    """What it looks from, freely, in perspective and at rest; None else."""
    pilot = viewport.pilot
    if viewport.photo is not None or viewport.orthographic or pilot.moving(now()):
        return None
    return pilot.eye(now())
