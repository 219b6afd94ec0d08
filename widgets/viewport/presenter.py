"""Shows a finished picture: over the background, with the wipe's photo."""

import moderngl
import numpy as np

from core.geometry.camera import Pinhole
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Pixels
from widgets.viewport.objects import Objects, set_uniforms
from widgets.viewport.options import Options, Shading
from widgets.viewport.target import Picture, Target

HALF_LINE = 1.0  # pixels: half the width of the line between photo and picture


class Presenter:
    """Draws what is in a target onto a framebuffer of any size."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._plain = objects.program("screen.vert", "present.frag")
        self._wipe = objects.program("screen.vert", "wipe.frag")
        self._screen = objects.vertices(self._plain, [])
        self._wipe_screen = objects.vertices(self._wipe, [])
        self._photo: moderngl.Texture | None = None
        self._pinhole: Pinhole | None = None

    def set_photo(self, pixels: Pixels | None, pinhole: Pinhole | None) -> None:
        """The photo of the wipe [h, w, 3]."""
        self._objects.release(self._photo)
        self._photo, self._pinhole = None, pinhole
        if pixels is None or pinhole is None:
            return
        height, width = pixels.shape[:2]
        self._photo = self._objects.texture((width, height), 3)
        self._photo.write(np.ascontiguousarray(pixels).tobytes())
        self._photo.build_mipmaps()
        self._photo.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

    def show(
        self,
        target: Target,
        picture: Picture,
        framebuffer: moderngl.Framebuffer,
        transparent: bool,
    ) -> None:
        """Fill `framebuffer`; `transparent` leaves the background out."""
        width, height = framebuffer.size
        framebuffer.use()
        framebuffer.viewport = (0, 0, width, height)
        framebuffer.scissor = (0, 0, width, height)
        self._objects.context.enable_only(moderngl.NOTHING)
        target.color.use(0)
        # Without need for it, smoothing costs a software renderer several milliseconds.
        smooth = moderngl.NEAREST if target.size == framebuffer.size else moderngl.LINEAR
        target.color.filter = (smooth, smooth)
        background = _background(picture.options, transparent)
        set_uniforms(self._plain, u_color=0, u_background=background)
        self._screen.render(moderngl.TRIANGLES, 3)
        self._show_photo(picture.eye, picture.options, width, height, framebuffer)

    def _show_photo(
        self,
        eye: Eye,
        options: Options,
        width: int,
        height: int,
        framebuffer: moderngl.Framebuffer,
    ) -> None:
        if self._photo is None or self._pinhole is None or not options.wipe:
            return
        p = self._pinhole
        place = (
            (eye.cx - p.cx / p.fx * eye.fx) / eye.width,
            (eye.cy - p.cy / p.fy * eye.fy) / eye.height,
            (eye.cx + (p.width - p.cx) / p.fx * eye.fx) / eye.width,
            (eye.cy + (p.height - p.cy) / p.fy * eye.fy) / eye.height,
        )
        self._photo.use(0)
        set_uniforms(
            self._wipe,
            u_photo=0,
            u_wipe=float(options.wipe),
            u_line=HALF_LINE / width,
            u_photo_place=place,
        )
        edge = min(int(options.wipe * width + HALF_LINE) + 1, width)
        framebuffer.scissor = (0, 0, edge, height)
        self._wipe_screen.render(moderngl.TRIANGLES, 3)
        framebuffer.scissor = (0, 0, width, height)


def _background(options: Options, transparent: bool) -> tuple[float, float, float, float]:
    if transparent:
        return 0.0, 0.0, 0.0, 0.0
    if options.shading is Shading.ALPHA:
        return 0.0, 0.0, 0.0, 1.0
    return *options.background, 1.0
