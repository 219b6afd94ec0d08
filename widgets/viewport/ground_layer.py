"""The ground: a grid on y = 0 that fades with distance, and a patch of floor."""

import math

import moderngl
import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye
from widgets.viewport.objects import Objects, set_uniforms
from widgets.viewport.options import Color

LIGHT, DARK = (0.85, 0.88, 0.92), (0.10, 0.12, 0.15)
GRID_ALPHA, FLOOR_ALPHA = 0.35, 0.22


class GroundLayer:
    """Seen through: it hides nothing, and splats are drawn over it."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._program = objects.program("ground.vert", "ground.frag")
        self._vertices = objects.vertices(self._program, [])

    def draw_grid(self, eye: Eye, scene_radius: float, background: Color, width: float) -> None:
        """Finest cells a hundredth to a tenth of the scene, in contrast with `background`."""
        spacing = 10.0 ** math.floor(math.log10(scene_radius) - 1)
        x, y, z = eye.centre
        away = 0.0 if eye.orthographic else abs(y)
        radius = max(8 * scene_radius, 12 * away)
        line = DARK if sum(background) > 1.5 else LIGHT
        self._draw(eye, (x, 0.0, z), radius, (*line, GRID_ALPHA), spacing, width)

    def draw_floor(self, eye: Eye, centre: NDArray[np.floating], radius: float) -> None:
        """A patch of `radius` around `centre` [3]."""
        middle = (float(centre[0]), float(centre[1]), float(centre[2]))
        self._draw(eye, middle, radius, (0.45, 0.62, 0.80, FLOOR_ALPHA), 0.0, 1.0)

    def _draw(
        self,
        eye: Eye,
        middle: tuple[float, float, float],
        radius: float,
        color: tuple[float, float, float, float],
        spacing: float,
        width: float,
    ) -> None:
        context = self._objects.context
        context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        context.fbo.depth_mask = False
        set_uniforms(
            self._program,
            u_clip_from_scene=eye.clip_from_scene(),
            u_middle=middle,
            u_radius=radius,
            u_color=color,
            u_spacing=spacing,
            u_width=width,
        )
        self._vertices.render(moderngl.TRIANGLE_STRIP, 4)
        context.fbo.depth_mask = True
