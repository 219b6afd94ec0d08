"""Splats: projected once each by a fragment shader, which every driver runs in parallel, then
drawn far to near as two triangles each that only look up what was projected."""

import moderngl
import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.render.render import BLUR
from widgets.viewport.dims import Dims
from widgets.viewport.eye import Eye
from widgets.viewport.eye_uniforms import eye_uniforms
from widgets.viewport.frustums import Pixels
from widgets.viewport.kernels import LOG_LOW, LOG_STEP
from widgets.viewport.marks import Marks
from widgets.viewport.objects import Objects, set_uniforms
from widgets.viewport.options import Color, Options
from widgets.viewport.packing import ACROSS, PackedSplats, Words, color_texels
from widgets.viewport.palette import ORIGINS, TINTS
from widgets.viewport.placing import Placed
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
        self.marks, self.dims = Marks(objects), Dims(objects)
        self._screen = objects.vertices(self._project, [])
        self._shade_screen = objects.vertices(self._shade, [])
        self._outline = objects.program("screen.vert", "outline.frag")
        self._outline_screen = objects.vertices(self._outline, [])
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
        self._placed: Placed | None = None
        self._wanted_placed: Placed | None = None
        self._instances: moderngl.Texture | None = None
        self._poses: moderngl.Texture | None = None
        self._rows = np.empty(0, np.uint32)
        self._chosen: frozenset[int] = frozenset()
        self._uploaded: tuple[int, int, int] | None = None

    @property
    def packed(self) -> PackedSplats | None:
        return self._wanted

    @property
    def placed(self) -> Placed | None:
        """Which instances there are and where; None: every splat where it was captured."""
        return self._wanted_placed

    @property
    def _count(self) -> int:
        """Of instances."""
        if self._placed is not None:
            return len(self._placed.instances)
        return 0 if self._packed is None else self._packed.count

    def set_splats(self, packed: PackedSplats | None) -> None:
        """Uploaded by the next `prepare`: a drawing in the making still reads the old ones."""
        self._wanted = packed
        self._wanted_placed = None
        self.set_order(np.empty(0, np.uint32))

    def set_order(self, order: NDArray[np.uint32]) -> None:
        self._rows = order
        self._uploaded = None

    def set_placed(self, placed: Placed | None) -> None:
        """Draw these instances; the order is one of them from now on."""
        self._wanted_placed = placed

    def set_chosen(self, chosen: frozenset[int]) -> None:
        """Ids of placements with an outline."""
        if chosen != self._chosen:
            self._chosen, self._uploaded = chosen, None

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

    def prepare(self, eye: Eye, share: float, thin: int, options: Options) -> tuple[int, int]:
        """Ready to draw every `thin`-th splat from `eye`, in a picture of this share of the
        wanted one's width, coloured as `options` say; how many they are, and of what is chosen."""
        if self._wanted is not self._packed:
            self._upload_splats(self._wanted)
        if self._wanted_placed is not self._placed:
            self._upload_placed(self._wanted_placed)
        if self._packed is None or not len(self._rows):
            return 0, 0
        if self._uploaded is None or self._uploaded[0] != thin:
            self._uploaded = (thin, *self._upload_order(thinned(self._rows, thin)))
        _, count, outlined = self._uploaded
        set_uniforms(
            self._project,
            u_count=_lines(count) * ACROSS + outlined,
            u_thin=float(thin),
            u_blur=BLUR * share**2,
            u_color_texels=color_texels(self._packed.sh_degree),
            u_coefficients=(self._packed.sh_degree + 1) ** 2,
            u_log_scales=(LOG_LOW, LOG_STEP),
            u_order=0,
            u_shapes=1,
            u_colors=2,
            u_palette=3,
            u_instances=4,
            u_poses=5,
            u_placed=self._placed is not None and not self._placed.as_captured,
            u_colored=self._colored,
            u_tint=TINTS.get(options.shading, 0),
            u_origins=ORIGINS,
            u_filled=options.filled,
            **self.marks.prepare(self._packed.count),
            **self.dims.prepare(self._count),
            **eye_uniforms(eye),
        )
        set_uniforms(
            self._draw,
            u_place=0,
            u_look=1,
            u_size=(float(eye.width), float(eye.height)),
            u_clip_depth=tuple(eye.clip_from_camera()[2:, 2:].ravel()),
        )
        return count, outlined

    def draw(self, target: Target, depths: bool, first: int, number: int) -> None:
        """Draw `number` splats from the `first` on, over those behind them; `first` begins a
        row of ACROSS. Into the depths' picture, or the colours'."""
        self._run_projection(first, number)
        context = self._objects.context
        framebuffer = target.depths_framebuffer if depths else target.framebuffer
        assert framebuffer is not None
        framebuffer.use()
        context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        context.depth_func = "<="
        framebuffer.depth_mask = False
        self._draw_projected(depths, first, number)
        framebuffer.depth_mask = True

    def draw_outline(self, target: Target, width: float, color: Color) -> None:
        """A line of `width` pixels around what is chosen, whatever stands before it."""
        assert self._uploaded is not None
        _, count, outlined = self._uploaded
        first = _lines(count) * ACROSS
        self._run_projection(first, outlined)
        context, mask = self._objects.context, target.clear_mask()
        mask.use()
        context.enable_only(moderngl.BLEND)
        self._draw_projected(False, first, outlined)
        assert target.mask is not None
        target.framebuffer.use()
        target.mask.use(0)
        set_uniforms(self._outline, u_mask=0, u_width=width, u_color=color)
        self._outline_screen.render(moderngl.TRIANGLES, 3)

    def _draw_projected(self, depths: bool, first: int, number: int) -> None:
        self._objects.context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        set_uniforms(self._draw, u_first=first, u_last=first + number, u_depth=depths)
        for unit, texture in enumerate(self._projected):
            texture.use(unit)
        self._groups.render(moderngl.TRIANGLES, 6 * GROUP, instances=-(-number // GROUP))

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
        placing = (self._instances or self._order, self._poses or self._palette)
        for unit, texture in enumerate((*textures, *placing)):
            texture.use(unit)
        self.marks.use()
        self.dims.use()
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

    def _upload_placed(self, placed: Placed | None) -> None:
        before, self._placed = self._placed, placed
        if placed is None or placed.as_captured:
            return
        if self._instances is None or not before or placed.instances is not before.instances:
            listed = placed.instances
            words = np.zeros((max(1, -(-len(listed) // ACROSS)), ACROSS, 2), np.uint32)
            flat = words.reshape(-1, 2)
            flat[: len(listed), 0], flat[: len(listed), 1] = listed.rows, listed.slots
            self._instances = self._written(self._instances, words)
        numbers = placed.poses.astype(np.float32)
        if self._poses is None or self._poses.height != len(numbers):
            self._objects.release(self._poses)
            self._poses = self._objects.texture((3, len(numbers)), 4, "f4")
        self._poses.write(numbers.tobytes())

    def _upload_order(self, rows: Words) -> tuple[int, int]:
        """All, and in lines of their own below them those that are chosen; how many of each."""
        chosen = rows[self._is_chosen(rows)]
        above = _lines(len(rows))
        lines = above + _lines(len(chosen))
        padded = np.zeros((lines, ACROSS, 1), np.uint32)
        padded.reshape(-1)[: len(rows)] = rows
        padded[above:].reshape(-1)[: len(chosen)] = chosen
        self._order = self._written(self._order, padded)
        if self._projection is None or self._projection.height < lines:
            self._objects.release(self._projection, *self._projected)
            size = (ACROSS, lines)
            self._projected = [self._objects.texture(size, 4, "u4") for _ in range(2)]
            self._projection = self._objects.framebuffer(self._projected)
        return len(rows), len(chosen)

    def _is_chosen(self, rows: Words) -> NDArray[np.bool_]:
        """[R] which instances of `rows` [R] belong to what is chosen."""
        placed = self._placed
        if placed is None or not self._chosen:
            return np.zeros(len(rows), bool)
        slots = [id_ in self._chosen for id_ in placed.instances.placements]
        return np.array(slots, bool)[placed.instances.slots[rows]]

    def _written(self, texture: moderngl.Texture | None, words: Words) -> moderngl.Texture:
        """A texture at least as high as `words` [h, w, components] that holds them."""
        height, width, components = words.shape
        if texture is None or texture.width != width or not height <= texture.height <= 2 * height:
            self._objects.release(texture)
            texture = self._objects.texture((width, height), components, "u4")
        texture.write(words, viewport=(0, 0, width, height))
        return texture


def _lines(count: int) -> int:
    """Of a texture that holds so many splats."""
    return max(1, -(-count // ACROSS))
