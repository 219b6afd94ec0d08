"""All that is drawn beside splats: points, a mesh, lines, frustums and the ground."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.scene.shown import PointCloud, TriangleMesh
from widgets.viewport.drawing import Work
from widgets.viewport.eye import Eye
from widgets.viewport.frustum_layer import FrustumLayer
from widgets.viewport.frustums import Frustum, Pixels
from widgets.viewport.ground_layer import GroundLayer
from widgets.viewport.line_layer import LineLayer, Segments, axes
from widgets.viewport.objects import Objects
from widgets.viewport.samples import NOTHING, reach, sample
from widgets.viewport.solid_layers import MeshLayer, PointLayer
from widgets.viewport.target import CODES, Picture, Target

POINT_PIXELS = 3.0  # of a point cloud that is looked at, for each pixel of a line's width
SPARSE_PIXELS = 2.0  # of the sparse points among the splats
SOLID_STEP = 1024  # points or faces that are drawn at least at once


class Surroundings:
    """What hides others writes its depth; the ground and the splats are only tested against it."""

    def __init__(self, objects: Objects) -> None:
        self._points = PointLayer(objects)
        self._sparse = PointLayer(objects)
        self._mesh = MeshLayer(objects)
        self._lines = LineLayer(objects)
        self._frustums = FrustumLayer(objects, self._lines)
        self._ground = GroundLayer(objects)
        self._floor: tuple[NDArray[np.floating], float] | None = None
        self._shown_frustums: tuple[Sequence[Frustum], str | None] = ((), None)
        self._samples = {"splats": NOTHING, "points": NOTHING, "mesh": NOTHING, "sparse": NOTHING}
        self._radius = 1.0  # of what there is, scene units
        self._lines.set("axes", axes(0.25))

    def set_points(self, cloud: PointCloud | None) -> None:
        self._points.set(cloud)
        self.tell("points", None if cloud is None else cloud.positions)

    def set_mesh(self, mesh: TriangleMesh | None) -> None:
        self._mesh.set(mesh)
        self.tell("mesh", None if mesh is None else mesh.vertices)

    def set_sparse(self, positions: NDArray[np.floating] | None, colors: Pixels | None) -> None:
        """Positions [P, 3] in colours [P, 3], white if None."""
        cloud = None
        if positions is not None:
            white = np.full((len(positions), 3), 255, np.uint8)
            cloud = PointCloud(positions.astype(np.float32), white if colors is None else colors)
        self._sparse.set(cloud)
        self.tell("sparse", positions)

    def set_frustums(self, frustums: Sequence[Frustum]) -> None:
        self._shown_frustums = (frustums, self._shown_frustums[1])
        self._frustums.set(*self._shown_frustums)

    def select_frustum(self, name: str | None) -> None:
        self._shown_frustums = (self._shown_frustums[0], name)
        self._frustums.set(*self._shown_frustums)

    def frustum_at(self, eye: Eye, x: float, y: float) -> str | None:
        return self._frustums.name_at(eye, x, y)

    def set_bounds(self, edges: Segments | None) -> None:
        self._lines.set("bounds", edges)

    def set_handles(self, lines: Segments | None) -> None:
        self._lines.set("handles", lines)

    def draw_handles(self, target: Target, picture: Picture) -> None:
        """Over everything."""
        target.framebuffer.use()
        self._lines.draw("handles", picture.drawn, 1.6 * pixel_width(picture), over=True)

    def set_floor(self, floor: tuple[NDArray[np.floating], float] | None) -> None:
        self._floor = floor

    def tell(self, name: str, positions: NDArray[np.floating] | None) -> None:
        """Where the things called `name` are; the grid and the axes suit all there is."""
        self._samples[name] = sample(positions)
        self._radius = reach(self.samples())
        self._lines.set("axes", axes(0.25 * self._radius))

    def samples(self) -> NDArray[np.float64]:
        """Of the content; of the sparse points only where there is no other."""
        content = [self._samples[name] for name in ("splats", "points", "mesh")]
        return np.concatenate(content) if any(map(len, content)) else self._samples["sparse"]

    def solid_works(self, target: Target, picture: Picture, thin: int) -> list[Work]:
        """To draw the points and the mesh that are looked at. Of the points one in `thin`,
        larger."""
        eye, options = picture.drawn, picture.options
        if not options.content:
            return []
        shading: dict[str, object] = {
            "u_shading": CODES.get(options.shading, 0),
            "u_depth_range": picture.depth_range,
        }
        pixels = POINT_PIXELS * pixel_width(picture) * thin**0.5

        def points(first: int, number: int) -> None:
            target.framebuffer.use()
            self._points.draw(eye, pixels, shading, first, number)

        def mesh(first: int, number: int) -> None:
            target.framebuffer.use()
            self._mesh.draw(eye, shading, first, number)

        counts = {"points": -(-self._points.count // thin), "faces": self._mesh.count}
        draws = {"points": points, "faces": mesh}
        return [
            Work(kind, count, SOLID_STEP, draws[kind]) for kind, count in counts.items() if count
        ]

    def draw_overlays(self, target: Target, picture: Picture) -> None:
        """Lines, frustums, sparse points; then the ground, through which one sees."""
        eye, options, width = picture.drawn, picture.options, pixel_width(picture)
        target.framebuffer.use()
        if options.points and self._sparse.count:
            plain: dict[str, object] = {"u_shading": 0, "u_depth_range": (0.0, 1.0)}
            self._sparse.draw(eye, SPARSE_PIXELS * width, plain, 0, self._sparse.count)
        if options.axes:
            self._lines.draw("axes", eye, 1.5 * width)
        if options.bounds:
            self._lines.draw("bounds", eye, width)
        if options.frustums:
            self._frustums.draw(eye, width, options.photo_opacity)
        if options.floor and self._floor is not None:
            self._ground.draw_floor(eye, *self._floor)
        if options.grid:
            self._ground.draw_grid(eye, self._radius, options.background, width)


def pixel_width(picture: Picture) -> float:
    """How wide a plain line is in pixels of the picture as drawn."""
    share = picture.drawn.width / picture.eye.width
    return max(picture.options.line_width * share, 1.0)
