"""Depth maps of one object as one surface, by open3d: the only file of meshes that makes them."""

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import torch

from core.errors import Unavailable
from core.geometry.camera import unproject
from core.mesh.depths import DepthView
from core.mesh.values import Faces, Floats, Surface

BLOCK = 8  # voxels a side of what memory is given for at a time
REACH = 4  # voxels on either side of the surface that a depth says something of
NOISE = 3.0  # pixels' widths that depths are off by at most, as a rule
SPECK = 0.02  # of the largest piece's triangles: pieces below are noise


def library() -> ModuleType:
    """open3d. Raises `Unavailable` where it cannot be imported."""
    try:
        import open3d
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"Meshes cannot be made: open3d does not start ({error}).",
            hint="Install what the README names for it, or export splats (PLY, SPZ, GLB).",
        ) from error
    return open3d


def fused(views: Sequence[DepthView], voxel: float, pixel: float, fewest: float) -> Surface | None:
    """The surface on which the depths of `views` agree; None where there is none.

    `voxel`: side of a cell of the grid that distances are kept in (Curless and Levoy, 1996),
    `pixel`: width of a photo's pixel there, both in scene units. `fewest`: views that have to see
    a place.
    """
    o3d = library()
    reach = max(float(REACH), NOISE * pixel / voxel)
    grid = o3d.t.geometry.VoxelBlockGrid(
        attr_names=("tsdf", "weight"),
        attr_dtypes=(o3d.core.float32, o3d.core.float32),
        attr_channels=((1), (1)),
        voxel_size=voxel,
        block_resolution=BLOCK,
        block_count=4000,
    )
    used = 0
    for each in views:
        if not (each.depth > 0).any():
            continue
        image = o3d.t.geometry.Image(o3d.core.Tensor(each.depth[..., None].copy()))
        camera = each.view.camera
        # There the middle of the first pixel is at 0.
        inner = np.array(
            [[camera.fx, 0, camera.cx - 0.5], [0, camera.fy, camera.cy - 0.5], [0, 0, 1]]
        )
        inner, outer = (
            o3d.core.Tensor(np.ascontiguousarray(matrix, np.float64))
            for matrix in (inner, each.view.camera_from_scene.double().numpy())
        )
        far = float(each.depth.max()) * 1.01 + reach * voxel
        # Of the picture itself only every fourth pixel would be asked which blocks it touches.
        points = unproject(torch.from_numpy(each.depth), each.view).numpy()[each.depth > 0]
        cloud = o3d.t.geometry.PointCloud(o3d.core.Tensor(points.astype(np.float32)))
        blocks = grid.compute_unique_block_coordinates(cloud, reach)
        grid.integrate(blocks, image, inner, outer, 1.0, far, reach)
        used += 1
    if not used:
        return None
    mesh = grid.extract_triangle_mesh(min(fewest, used - 0.5)).to_legacy()
    if not len(mesh.triangles):
        return None
    return _surface(_without_specks(mesh))  # type: ignore[no-untyped-call]


def simplified(surface: Surface, triangles: int) -> Surface:
    """`surface` with at most `triangles`, by quadrics (Garland and Heckbert, 1997)."""
    mesh = _mesh(surface)
    if len(surface) > triangles:
        mesh = mesh.simplify_quadric_decimation(triangles)
    mesh.remove_degenerate_triangles()
    mesh.remove_duplicated_triangles()
    mesh.remove_unreferenced_vertices()
    return _surface(mesh)


def _without_specks(mesh):  # type: ignore[no-untyped-def]
    groups, sizes, _ = mesh.cluster_connected_triangles()
    sizes = np.asarray(sizes)
    mesh.remove_triangles_by_mask(sizes[np.asarray(groups)] < SPECK * sizes.max())
    mesh.remove_unreferenced_vertices()
    return mesh


def _mesh(surface: Surface):  # type: ignore[no-untyped-def]
    o3d = library()
    return o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(surface.vertices.astype(np.float64)),
        o3d.utility.Vector3iVector(surface.faces),
    )


def _surface(mesh) -> Surface:  # type: ignore[no-untyped-def]
    mesh.compute_vertex_normals()
    vertices: Floats = np.asarray(mesh.vertices, np.float32)
    faces: Faces = np.asarray(mesh.triangles, np.int32)
    return Surface(vertices, np.asarray(mesh.vertex_normals, np.float32), faces)
