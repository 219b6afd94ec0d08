"""Draws the scene with OpenGL 3.3; knows no window."""

import math
from collections.abc import Sequence
from functools import partial

import moderngl
import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import Pinhole
from core.scene.shown import PointCloud, TriangleMesh
from widgets.viewport.drawing import Drawing, Work
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Frustum, Pixels
from widgets.viewport.line_layer import Segments, box
from widgets.viewport.objects import Objects, Size
from widgets.viewport.options import Color, Options, Shading
from widgets.viewport.packing import ACROSS, PackedSplats
from widgets.viewport.picking import Spot, splat_at
from widgets.viewport.placing import Placed, alike, every, sampled
from widgets.viewport.presenter import Presenter
from widgets.viewport.quality import FULL, Quality
from widgets.viewport.samples import depth_range
from widgets.viewport.splat_layer import SplatLayer
from widgets.viewport.surroundings import Surroundings, pixel_width
from widgets.viewport.target import CODES, Picture, Target

__all__ = ["Drawing", "Frustum", "Pixels", "Renderer"]

OUTLINE: Color = (1.0, 0.72, 0.20)
OUTLINE_WIDTH = 1.3  # of a plain line


class Renderer:
    """What it is given is drawn from the next `begin` on.

    Every method wants the context to be current, but `frustum_at`.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._objects = Objects(context)
        self._splats = SplatLayer(self._objects)
        self._around = Surroundings(self._objects)
        self._presenter = Presenter(self._objects)
        self._finished: tuple[Target, Picture] | None = None
        self._spare: Target | None = None
        self._drawing: Drawing | None = None
        self._handles = False
        self._pace: dict[str, float] = {}

    def set_splats(self, packed: PackedSplats | None) -> None:
        """Also forgets the order: nothing of them is drawn until `set_order`."""
        self._splats.set_splats(packed)
        self._around.tell("splats", None if packed is None else packed.means)

    def set_placed(self, placed: Placed | None) -> None:
        """Which instances of the splats there are, and where; `set_splats` forgets them."""
        before, packed = self._splats.placed, self._splats.packed
        self._splats.set_placed(placed)
        if packed is not None and placed is not None and not alike(before, placed):
            self._around.tell("splats", sampled(packed.means, placed))

    def set_chosen(self, chosen: frozenset[int]) -> None:
        """Ids of the placements that have an outline."""
        self._splats.set_chosen(chosen)

    def set_marks(self, marks: NDArray[np.bool_] | None) -> None:
        """Which splats [N] of the table stand out by their colour."""
        self._splats.marks.set(marks)

    def set_dims(self, dims: NDArray[np.uint8] | None) -> None:
        """How much of their light is taken from the instances [V] of the splats, of 255."""
        self._splats.dims.set(dims)

    def set_order(self, order: NDArray[np.uint32]) -> None:
        """Rows far to near, as `Sorter.order` gives them; rows not in it are not drawn.

        Where instances were set they are what is ordered.
        """
        self._splats.set_order(order)

    def set_palette(self, palette: Pixels) -> None:
        """Colours of objects [L, 4] by their ids, as `palette` makes them."""
        self._splats.set_palette(palette)

    def set_points(self, cloud: PointCloud | None) -> None:
        self._around.set_points(cloud)

    def set_mesh(self, mesh: TriangleMesh | None) -> None:
        self._around.set_mesh(mesh)

    def set_sparse(
        self, positions: NDArray[np.floating] | None, colors: Pixels | None = None
    ) -> None:
        """Points [P, 3] in the scene with colours [P, 3], white if None."""
        self._around.set_sparse(positions, colors)

    def set_frustums(self, frustums: Sequence[Frustum]) -> None:
        """A thumbnail is sent to the card again only if its `pixels` are another object."""
        self._around.set_frustums(frustums)

    def set_selected_frustum(self, name: str | None) -> None:
        """The frustum that stands out."""
        self._around.select_frustum(name)

    def set_photo(self, pixels: Pixels | None, pinhole: Pinhole | None = None) -> None:
        """The photo of the wipe, [h, w, 3], seen by `pinhole` standing where the eye does."""
        self._presenter.set_photo(pixels, pinhole)

    def set_bounds(
        self, low: NDArray[np.floating] | None, high: NDArray[np.floating] | None
    ) -> None:
        """Corners [3] of a box."""
        self._around.set_bounds(None if low is None or high is None else box(low, high))

    def set_handles(self, lines: Segments | None) -> None:
        """Lines that are drawn over all."""
        self._handles = lines is not None
        self._around.set_handles(lines)

    def set_floor(self, centre: NDArray[np.floating] | None, radius: float = 1.0) -> None:
        """A round patch of floor around `centre` [3]."""
        self._around.set_floor(None if centre is None else (centre, radius))

    def begin(self, eye: Eye, options: Options, quality: Quality = FULL) -> Drawing:
        """A new picture; one in the making is given up, the finished one stays until this is."""
        if self._drawing is not None:
            self._drawing.give_up()
        scale = quality.scale
        drawn = eye.resized(math.ceil(eye.width / scale), math.ceil(eye.height / scale))
        by_depth = options.shading is Shading.DEPTH
        shown = depth_range(self._around.samples(), eye) if by_depth else (0.0, 1.0)
        picture = Picture(eye, drawn, options, shown)
        target = self._target((drawn.width, drawn.height), options.shading in CODES)
        works = [
            Work("empty", 1, 1, lambda *_: target.clear()),
            *self._around.solid_works(target, picture, quality.thin),
            Work("overlays", 1, 1, lambda *_: self._around.draw_overlays(target, picture)),
        ]
        share = drawn.width / eye.width
        count, outlined = 0, 0
        if options.content:
            count, outlined = self._splats.prepare(drawn, share, quality.thin, options)
        if count:
            depths = target.depths is not None
            works.append(Work("splats", count, ACROSS, partial(self._splats.draw, target, depths)))
            if depths:
                works.append(Work("shade", 1, 1, lambda *_: self._splats.shade(target, picture)))
        if outlined:
            width = OUTLINE_WIDTH * pixel_width(picture)
            works.append(
                Work("outline", 1, 1, lambda *_: self._splats.draw_outline(target, width, OUTLINE))
            )
        if self._handles:
            works.append(
                Work("handles", 1, 1, lambda *_: self._around.draw_handles(target, picture))
            )
        done = partial(self._finish, target, picture)
        self._drawing = Drawing(works, self._pace, self._context.finish, done)
        return self._drawing

    def present(self, framebuffer: moderngl.Framebuffer) -> None:
        """The last finished picture, stretched over all of `framebuffer`; before it, nothing."""
        if self._finished is not None:
            self._presenter.show(*self._finished, framebuffer, transparent=False)

    def pixels(self, *, transparent: bool = False) -> Pixels:
        """The last finished picture [h, w, 4], top row first; `transparent` leaves the
        background out (straight alpha). Raises `ValueError` before there is one."""
        if self._finished is None:
            raise ValueError("no picture is finished yet")
        eye = self._finished[1].eye
        texture = self._objects.texture((eye.width, eye.height), 4)
        framebuffer = self._objects.framebuffer([texture])
        self._presenter.show(*self._finished, framebuffer, transparent)
        read = np.frombuffer(framebuffer.read(components=4, alignment=1), np.uint8)
        self._objects.release(framebuffer, texture)
        picture = read.reshape(eye.height, eye.width, 4)[::-1].copy()
        return straight_alpha(picture) if transparent else picture

    def depth_at(self, x: float, y: float) -> float | None:
        """z before the eye of what the last picture shows at pixel (x, y), None for nothing."""
        solid, spot = self._solid_depth(x, y), self._spot(x, y)
        found = [z for z in (solid, spot.depth if spot else None) if z is not None]
        return min(found, default=None)

    def placement_at(self, x: float, y: float) -> int | None:
        """Id of the placement whose splats the last picture shows at pixel (x, y)."""
        spot, placed = self._spot(x, y), self._splats.placed
        return None if spot is None or placed is None else placed.instances.placements[spot.slot]

    def _solid_depth(self, x: float, y: float) -> float | None:
        if self._finished is None:
            return None
        target, picture = self._finished
        eye, drawn = picture.eye, picture.drawn
        if not (0 <= x < eye.width and 0 <= y < eye.height):
            return None
        return target.depth_at(drawn, x * drawn.width / eye.width, y * drawn.height / eye.height)

    def _spot(self, x: float, y: float) -> Spot | None:
        if self._finished is None or self._splats.packed is None:
            return None
        eye, options = self._finished[1].eye, self._finished[1].options
        if not options.content or not (0 <= x < eye.width and 0 <= y < eye.height):
            return None
        packed = self._splats.packed
        placed = self._splats.placed or every(len(packed))
        return splat_at(packed, placed, eye, x, y, filled=options.filled)

    def frustum_at(self, x: float, y: float) -> str | None:
        """Name of the photo whose frustum the last picture shows at pixel (x, y)."""
        if self._finished is None or not self._finished[1].options.frustums:
            return None
        return self._around.frustum_at(self._finished[1].eye, x, y)

    def counts(self) -> dict[str, int]:
        """How many OpenGL objects of each kind are alive."""
        return self._objects.counts()

    def release(self) -> None:
        """Everything that was made; the renderer is of no use afterwards."""
        if self._drawing is not None:
            self._drawing.give_up()
        self._finished = self._spare = None
        self._objects.release_all()

    def _target(self, size: Size, with_depths: bool) -> Target:
        """One that does not hold the finished picture."""
        if self._spare is not None and not self._spare.fits(size, with_depths):
            self._spare.release()
            self._spare = None
        if self._spare is None:
            self._spare = Target(self._objects, size, with_depths)
        return self._spare

    def _finish(self, target: Target, picture: Picture) -> None:
        self._spare = None if self._finished is None else self._finished[0]
        self._finished = target, picture


def straight_alpha(picture: Pixels) -> Pixels:
    """`picture` [h, w, 4] with its colours no longer multiplied by alpha."""
    alpha = picture[..., 3:].astype(np.float32)
    straight = picture.copy()
    straight[..., :3] = np.minimum(picture[..., :3] * (255 / np.maximum(alpha, 1)) + 0.5, 255)
    return straight
