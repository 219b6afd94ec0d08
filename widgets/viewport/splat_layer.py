"""Splats: projected once each by a fragment shader, which every driver runs in parallel, then
drawn far to near as two triangles each that only look up what was projected."""

import moderngl
import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.render.render import BLUR, FRUSTUM_MARGIN
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Pixels
from widgets.viewport.kernels import LOG_LOW, LOG_STEP
from widgets.viewport.objects import Objects, set_uniforms
from widgets.viewport.options import Options
from widgets.viewport.packing import ACROSS, PackedSplats, Words, color_texels
from widgets.viewport.palette import ORIGINS, TINTS
from widgets.viewport.sorting import thinned
from widgets.viewport.target import CODES, Picture, Target

GROUP = 128  # splats an instance: few instances, and a short index buffer for any number of splats


class SplatLayer:
    """Holds one table of splats on the graphics card, in one order."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._project = objects.program("screen.vert", "splat_project.frag")
        self._draw = objects.program("splat_draw.vert", "splat_draw.frag")
        self._shade = objects.program("screen.vert", "splat_shade.frag")
        corners = 4 * np.arange(GROUP, dtype=np.uint32)[:, None] + np.array(
            [0, 1, 2, 1, 3, 2], np.uint32
        )
        self._index = objects.buffer(corners.tobytes())
        self._screen = objects.vertices(self._project, [])
        self._shade_screen = objects.vertices(self._shade, [])
        self._groups = objects.vertices(self._draw, [], self._index)
        self._shapes: moderngl.Texture | None = None
        self._colors: moderngl.Texture | None = None
        self._order: moderngl.Texture | None = None
        self._palette = objects.texture((ACROSS, 1), 4)
        self._colored = 0  # ids that have a colour
        self._projected: list[moderngl.Texture] = []
        self._projection: moderngl.Framebuffer | None = None
        self._packed: PackedSplats | None = None
        self._wanted: PackedSplats | None = None
        self._rows = np.empty(0, np.uint32)
        self._uploaded: tuple[int, int] | None = None

    @property
    def packed(self) -> PackedSplats | None:
        return self._wanted

    def set_splats(self, packed: PackedSplats | None) -> None:
        """Uploaded by the next `prepare`: a drawing in the making still reads the old ones."""
        self._wanted = packed
        self.set_order(np.empty(0, np.uint32))

    def set_order(self, order: NDArray[np.uint32]) -> None:
        self._rows = order
        self._uploaded = None

    def set_palette(self, palette: Pixels) -> None:
        """Colours [L, 4] by the ids of objects; without opacity the splats keep their own."""
        lines = max(1, -(-len(palette) // ACROSS))
        padded = np.zeros((lines * ACROSS, 4), np.uint8)
        padded[: len(palette)] = palette
        if self._palette.height != lines:
            self._objects.release(self._palette)
            self._palette = self._objects.texture((ACROSS, lines), 4)
        self._palette.write(padded.tobytes())
        self._colored = len(palette)

    def prepare(self, eye: Eye, share: float, thin: int, options: Options) -> int:
        """Ready to draw every `thin`-th splat from `eye`, in a picture of this share of the
        wanted one's width, coloured as `options` say; how many they are."""
        if self._wanted is not self._packed:
            self._upload_splats(self._wanted)
        if self._packed is None or not len(self._rows):
            return 0
        if self._uploaded is None or self._uploaded[0] != thin:
            self._uploaded = (thin, self._upload_order(thinned(self._rows, thin)))
        count = self._uploaded[1]
        set_uniforms(
            self._project,
            u_count=count,
            u_thin=float(thin),
            u_blur=BLUR * share**2,
            u_color_texels=color_texels(self._packed.sh_degree),
            u_coefficients=(self._packed.sh_degree + 1) ** 2,
            u_log_scales=(LOG_LOW, LOG_STEP),
            u_order=0,
            u_shapes=1,
            u_colors=2,
            u_palette=3,
            u_colored=self._colored,
            u_tint=TINTS.get(options.shading, 0),
            u_origins=ORIGINS,
            u_filled=options.filled,
            **_eye_uniforms(eye),
        )
        set_uniforms(
            self._draw,
            u_place=0,
            u_look=1,
            u_size=(float(eye.width), float(eye.height)),
            u_clip_depth=tuple(eye.clip_from_camera()[2:, 2:].ravel()),
        )
        return count

    def draw(self, target: Target, depths: bool, first: int, number: int) -> None:
        """Draw `number` splats from the `first` on, over those behind them; `first` begins a
        row of ACROSS. Into the depths' picture, or the colours'."""
        self._run_projection(first, number)
        context = self._objects.context
        framebuffer = target.depths_framebuffer if depths else target.framebuffer
        assert framebuffer is not None
        framebuffer.use()
        context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        context.depth_func = "<="
        framebuffer.depth_mask = False
        set_uniforms(self._draw, u_first=first, u_last=first + number, u_depth=depths)
        for unit, texture in enumerate(self._projected):
            texture.use(unit)
        self._groups.render(moderngl.TRIANGLES, 6 * GROUP, instances=-(-number // GROUP))
        framebuffer.depth_mask = True

    def shade(self, target: Target, picture: Picture) -> None:
        """From the depths' picture into that of the colours."""
        assert target.depths is not None
        eye = picture.drawn
        target.framebuffer.use()
        target.depths.use(0)
        self._objects.context.enable_only(moderngl.BLEND)
        self._objects.context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        set_uniforms(
            self._shade,
            u_depths=0,
            u_shading=CODES.get(picture.options.shading, 0),
            u_depth_range=picture.depth_range,
            u_scene_from_camera=np.linalg.inv(eye.camera_from_scene),
            u_focal=(eye.fx, eye.fy),
            u_centre=(eye.cx, eye.cy),
            u_orthographic=eye.orthographic,
        )
        self._shade_screen.render(moderngl.TRIANGLES, 3)

    def _run_projection(self, first: int, number: int) -> None:
        assert self._projection is not None
        assert self._order is not None
        assert self._shapes is not None
        assert self._colors is not None
        self._projection.use()
        self._projection.scissor = (0, first // ACROSS, ACROSS, -(-number // ACROSS))
        self._objects.context.enable_only(moderngl.NOTHING)
        textures = (self._order, self._shapes, self._colors, self._palette)
        for unit, texture in enumerate(textures):
            texture.use(unit)
        self._screen.render(moderngl.TRIANGLES, 3)
        self._projection.scissor = (0, 0, *self._projection.size)

    def _upload_splats(self, packed: PackedSplats | None) -> None:
        self._packed = packed
        if packed is None:
            self._objects.release(self._shapes, self._colors)
            self._shapes = self._colors = None
            return
        most = int(self._objects.context.info["GL_MAX_TEXTURE_SIZE"])
        if max(packed.colors.shape[:2]) > most:
            raise UserError(
                f"{packed.count} splats are more than this graphics card can show "
                f"({most * ACROSS}).",
                hint="Build with a lower limit of splats, or open a smaller file.",
            )
        self._shapes = self._written(self._shapes, packed.shapes)
        self._colors = self._written(self._colors, packed.colors)

    def _upload_order(self, rows: Words) -> int:
        lines = max(1, -(-len(rows) // ACROSS))
        padded = np.zeros((lines, ACROSS, 1), np.uint32)
        padded.reshape(-1)[: len(rows)] = rows
        self._order = self._written(self._order, padded)
        if self._projection is None or self._projection.height < lines:
            self._objects.release(self._projection, *self._projected)
            size = (ACROSS, lines)
            self._projected = [self._objects.texture(size, 4, "u4") for _ in range(2)]
            self._projection = self._objects.framebuffer(self._projected)
        return len(rows)

    def _written(self, texture: moderngl.Texture | None, words: Words) -> moderngl.Texture:
        """A texture at least as high as `words` [h, w, components] that holds them."""
        height, width, components = words.shape
        if texture is None or texture.width != width or not height <= texture.height <= 2 * height:
            self._objects.release(texture)
            texture = self._objects.texture((width, height), components, "u4")
        texture.write(words, viewport=(0, 0, width, height))
        return texture


def _eye_uniforms(eye: Eye) -> dict[str, object]:
    """The eye as splat_project.frag reads it."""
    mx, my = FRUSTUM_MARGIN * eye.width, FRUSTUM_MARGIN * eye.height
    return {
        "u_camera_from_scene": eye.camera_from_scene,
        "u_eye": tuple(eye.centre),
        "u_forward": tuple(eye.forward),
        "u_orthographic": eye.orthographic,
        "u_focal": (eye.fx, eye.fy),
        "u_centre": (eye.cx, eye.cy),
        "u_size": (float(eye.width), float(eye.height)),
        "u_near": eye.near,
        "u_limits": (
            (-eye.cx - mx) / eye.fx,
            (eye.width - eye.cx + mx) / eye.fx,
            (-eye.cy - my) / eye.fy,
            (eye.height - eye.cy + my) / eye.fy,
        ),
    }
