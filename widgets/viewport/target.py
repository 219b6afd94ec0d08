"""What a picture is drawn into, and what is known of a picture once it is drawn."""

from dataclasses import dataclass

import moderngl
import numpy as np

from widgets.viewport.eye import Eye
from widgets.viewport.objects import Objects, Size
from widgets.viewport.options import Options, Shading

# How shaders are told of what is drawn from depths; all else is 0.
CODES = {Shading.DEPTH: 1, Shading.ALPHA: 2, Shading.NORMAL: 3}


@dataclass(frozen=True, eq=False)
class Picture:
    """`eye` as asked for and `drawn` as it was: smaller where the quality was low.

    `depth_range`: z that the lightest and the darkest colour of the depths stand for.
    """

    eye: Eye
    drawn: Eye
    options: Options
    depth_range: tuple[float, float]


class Target:
    """Colour and depth of one picture, and where asked for the splats' depths.

    Half floats: what many faint splats add up to would be lost in eight bits.
    """

    def __init__(self, objects: Objects, size: Size, with_depths: bool) -> None:
        self._objects = objects
        self.size = size
        self.color = objects.texture(size, 4, "f2")
        self.depth = objects.depth(size)
        self.framebuffer = objects.framebuffer([self.color], self.depth)
        self.depths: moderngl.Texture | None = None
        self.depths_framebuffer: moderngl.Framebuffer | None = None
        self.mask: moderngl.Texture | None = None
        self.mask_framebuffer: moderngl.Framebuffer | None = None
        if with_depths:
            self.depths = objects.texture(size, 4, "f4")
            self.depths_framebuffer = objects.framebuffer([self.depths], self.depth)

    def clear(self) -> None:
        """Nothing drawn, all transparent."""
        for framebuffer in (self.depths_framebuffer, self.framebuffer):
            if framebuffer is not None:
                framebuffer.use()
                framebuffer.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)

    def clear_mask(self) -> moderngl.Framebuffer:
        """A picture of the same size, all transparent, for what is to be outlined."""
        if self.mask_framebuffer is None:
            self.mask = self._objects.texture(self.size, 4)
            self.mask_framebuffer = self._objects.framebuffer([self.mask])
        self.mask_framebuffer.use()
        self.mask_framebuffer.clear(0.0, 0.0, 0.0, 0.0)
        return self.mask_framebuffer

    def depth_at(self, eye: Eye, x: float, y: float) -> float | None:
        """z of what hides others at pixel (x, y), `eye` having drawn it; None for nothing."""
        row = self.size[1] - 1 - min(int(y), self.size[1] - 1)
        read = self.framebuffer.read((int(x), row, 1, 1), 1, attachment=-1, dtype="f4")
        depth = 2 * float(np.frombuffer(read, np.float32)[0]) - 1
        if depth >= 1:
            return None
        # Clip z and w are linear in z: solve clip z = depth * clip w.
        (a, b), (c, d) = eye.clip_from_camera()[2:, 2:]
        return float((depth * d - b) / (a - depth * c))

    def fits(self, size: Size, with_depths: bool) -> bool:
        return self.size == size and (self.depths is not None) == with_depths

    def release(self) -> None:
        self._objects.release(
            self.depths_framebuffer,
            self.framebuffer,
            self.mask_framebuffer,
            self.depths,
            self.depth,
            self.color,
            self.mask,
        )
