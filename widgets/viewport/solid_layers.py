"""What hides what is behind it: points and triangles."""

import moderngl
import numpy as np
from numpy.typing import NDArray

from core.scene.shown import PointCloud, TriangleMesh
from widgets.viewport.eye import Eye
from widgets.viewport.objects import Objects, set_uniforms

POINT_RECORD = np.dtype([("position", "f4", 3), ("color", "u1", 4)])
CORNER_RECORD = np.dtype([("position", "f4", 3), ("normal", "f4", 3), ("color", "u1", 4)])


class PointLayer:
    """Points in a random order, so that the first n of them are a fair sample of all."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._program = objects.program("point.vert", "point.frag")
        self._buffer: moderngl.Buffer | None = None
        self._vertices: moderngl.VertexArray | None = None
        self.count = 0

    def set(self, cloud: PointCloud | None) -> None:
        self._objects.release(self._vertices, self._buffer)
        self._vertices = self._buffer = None
        self.count = 0 if cloud is None else len(cloud)
        if cloud is None or not self.count:
            return
        shuffled = np.random.default_rng(0).permutation(self.count)
        records = np.zeros(self.count, POINT_RECORD)
        records["position"] = cloud.positions[shuffled]
        records["color"][:, :3] = cloud.colors[shuffled]
        self._buffer = self._objects.buffer(records.tobytes())
        content = [(self._buffer, "3f 3f1 1x1", "in_position", "in_color")]
        self._vertices = self._objects.vertices(self._program, content)

    def draw(
        self, eye: Eye, pixels: float, shading: dict[str, object], first: int, number: int
    ) -> None:
        """Points from the `first` on, `pixels` wide."""
        if self._vertices is None:
            return
        self._objects.context.enable_only(moderngl.DEPTH_TEST | moderngl.PROGRAM_POINT_SIZE)
        set_uniforms(self._program, u_point_size=pixels, **shading, **_eye_uniforms(eye))
        self._vertices.render(moderngl.POINTS, number, first=first)


class MeshLayer:
    """One mesh, smoothly shaded."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._program = objects.program("mesh.vert", "mesh.frag")
        self._buffers: tuple[moderngl.Buffer, ...] = ()
        self._vertices: moderngl.VertexArray | None = None
        self.count = 0  # faces

    def set(self, mesh: TriangleMesh | None) -> None:
        self._objects.release(self._vertices, *self._buffers)
        self._vertices, self._buffers = None, ()
        self.count = 0 if mesh is None else len(mesh)
        if mesh is None or not self.count:
            return
        records = np.zeros(len(mesh.vertices), CORNER_RECORD)
        records["position"] = mesh.vertices
        records["normal"] = vertex_normals(mesh)
        records["color"][:, :3] = mesh.colors
        corners = self._objects.buffer(records.tobytes())
        index = self._objects.buffer(mesh.faces.astype(np.uint32).tobytes())
        self._buffers = corners, index
        content = [(corners, "3f 3f 3f1 1x1", "in_position", "in_normal", "in_color")]
        self._vertices = self._objects.vertices(self._program, content, index)

    def draw(self, eye: Eye, shading: dict[str, object], first: int, number: int) -> None:
        """`number` faces from the `first` on."""
        if self._vertices is None:
            return
        self._objects.context.enable_only(moderngl.DEPTH_TEST)
        set_uniforms(self._program, u_forward=tuple(eye.forward), **shading, **_eye_uniforms(eye))
        self._vertices.render(moderngl.TRIANGLES, 3 * number, first=3 * first)


def vertex_normals(mesh: TriangleMesh) -> NDArray[np.float32]:
    """[V, 3] unit normals, means of the faces' around weighted by their areas; 0 beside none."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    corners = mesh.faces.ravel()
    around = np.repeat(across, 3, axis=0)
    sums = np.stack(
        [np.bincount(corners, around[:, k], len(mesh.vertices)) for k in range(3)], axis=1
    )
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    return (sums / np.where(length > 0, length, 1)).astype(np.float32)


def _eye_uniforms(eye: Eye) -> dict[str, object]:
    return {"u_clip_from_scene": eye.clip_from_scene(), "u_depth_row": tuple(eye.depth_row)}
