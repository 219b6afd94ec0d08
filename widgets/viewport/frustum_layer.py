"""The frustums of the photos' cameras, with small photos on their image planes."""

from collections.abc import Sequence

import cv2
import moderngl
import numpy as np

from widgets.viewport import frustums as shapes
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import EDGES, Frustum, Pixels
from widgets.viewport.line_layer import LineLayer, Segments
from widgets.viewport.objects import Objects, set_uniforms

SHOWN = (128, 128)  # texels of a photo, stretched to fill them
BATCH = "frustums"


class FrustumLayer:
    """All frustums: one draw call for their lines, one for their photos."""

    def __init__(self, objects: Objects, lines: LineLayer) -> None:
        self._objects = objects
        self._lines = lines
        self._program = objects.program("picture.vert", "picture.frag")
        self._pictures: moderngl.TextureArray | None = None
        self._vertices: moderngl.VertexArray | None = None
        self._places: moderngl.Buffer | None = None
        self._layers: list[Pixels] = []  # what each layer of the texture shows
        self._count = 0
        self._frustums: tuple[Frustum, ...] = ()
        self.size = 0.3
        self.corners = np.zeros((0, 5, 3))

    def set(self, frustums: Sequence[Frustum], selected: str | None) -> None:
        """Those in `frustums`; the one of the photo `selected` stands out."""
        self._frustums = tuple(frustums)
        self.size = shapes.usual_size(frustums)
        self.corners = shapes.corners(frustums, self.size)
        self._lines.set(BATCH, self._segments(selected))
        self._set_pictures()

    def name_at(self, eye: Eye, x: float, y: float) -> str | None:
        """Name of the photo whose frustum is at pixel (x, y)."""
        found = shapes.at(self.corners, eye, x, y, shapes.hidden_within(self.size))
        return None if found is None else self._frustums[found].name

    def draw(self, eye: Eye, width: float, opacity: float) -> None:
        """The lines, and the photos where `opacity` is not 0."""
        hide = shapes.hidden_within(self.size)
        self._lines.draw(BATCH, eye, width, hide)
        if self._vertices is None or self._pictures is None or opacity <= 0:
            return
        context = self._objects.context
        context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        # What is seen through must not hide the splats behind it.
        context.fbo.depth_mask = opacity > 0.99
        self._pictures.use(0)
        set_uniforms(
            self._program,
            u_clip_from_scene=eye.clip_from_scene(),
            u_eye=tuple(eye.centre),
            u_hide=hide,
            u_pictures=0,
            u_opacity=opacity,
        )
        self._vertices.render(moderngl.TRIANGLE_STRIP, 4, instances=self._count)
        context.fbo.depth_mask = True

    def _segments(self, selected: str | None) -> Segments:
        count = len(EDGES)
        colors = np.array([each.color for each in self._frustums]).reshape(-1, 3)
        chosen = np.array([each.name == selected for each in self._frustums], bool)
        colors[chosen] = (1.0, 0.62, 0.10)
        return Segments(
            self.corners[:, [a for a, _ in EDGES]].reshape(-1, 3),
            self.corners[:, [b for _, b in EDGES]].reshape(-1, 3),
            np.repeat(colors, count, axis=0),
            np.repeat(self.corners[:, 0], count, axis=0),
        )

    def _set_pictures(self) -> None:
        self._objects.release(self._vertices, self._places)
        self._vertices = self._places = None
        most = int(self._objects.context.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])
        pixels = [each.pixels for each in self._frustums]
        with_photo = [i for i, each in enumerate(pixels) if each is not None][:most]
        self._upload([each for each in pixels if each is not None][:most])
        self._count = len(with_photo)
        if not with_photo:
            return
        at = self.corners[with_photo]
        places = np.concatenate(
            [at[:, 0], at[:, 1], at[:, 2] - at[:, 1], at[:, 4] - at[:, 1],
             np.arange(len(at))[:, None]], axis=1,
        )  # fmt: skip
        self._places = self._objects.buffer(places.astype(np.float32).tobytes())
        names = ("in_camera", "in_corner", "in_right", "in_down", "in_layer")
        content = [(self._places, "3f 3f 3f 3f 1f /i", *names)]
        self._vertices = self._objects.vertices(self._program, content)

    def _upload(self, wanted: list[Pixels]) -> None:
        """Layer i of the texture shows `wanted[i]`; only what changed is sent."""
        if self._pictures is None or self._pictures.layers < len(wanted) or not wanted:
            self._objects.release(self._pictures)
            self._pictures, self._layers = None, []
            if not wanted:
                return
            self._pictures = self._objects.layers((*SHOWN, len(wanted)))
        changed = False
        for layer, pixels in enumerate(wanted):
            if layer < len(self._layers) and self._layers[layer] is pixels:
                continue
            small = cv2.resize(pixels, SHOWN, interpolation=cv2.INTER_AREA)
            self._pictures.write(small.tobytes(), viewport=(0, 0, layer, *SHOWN, 1))
            changed = True
        self._layers = wanted
        if changed:
            self._pictures.build_mipmaps()
            self._pictures.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
