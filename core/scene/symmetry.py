"""The unseen back of an object, as its mirror image, kept only where no photo speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.planes import Plane
from core.geometry.rotation import matrix_from_quat, quat_from_matrix
from core.prior.visibility import landed

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

TURNS = 36  # upright planes tried, over half a turn
SHIFTS = 9  # places of each, over half the object's size
NEAR = 0.03  # of the object's size: a mirrored point so near to another agrees with it
SLACK = 0.03  # of the depth: what lies farther behind the surface is hidden


@dataclass(frozen=True, eq=False)
class Witness:
    """A photo's say: its `view`, where the object is in it [H, W], and z [H, W] of all there."""

    view: View
    mask: Pixels
    depth: Tensor


def symmetry_plane(points: Array, up: Array) -> tuple[Plane, float]:
    """The upright plane that `points` [P, 3] are most alike on both sides of, and how much.

    In [0, 1]: the share of points with a mirror image that has one of them near. `up` [3].
    Of a body seen from one side the plane need not go through its middle.
    """
    from scipy.spatial import cKDTree  # a third of a second to load

    points = points[:: max(1, len(points) // 1500)]
    low, high = np.percentile(points, [1, 99], axis=0)
    size = float(np.linalg.norm(high - low))
    tree, middle = cKDTree(points), 0.5 * (low + high)
    u, v = Plane(up / np.linalg.norm(up), 0.0).tangents()
    best, most = Plane(u, 0.0), -1.0
    for turn in np.pi * np.arange(TURNS) / TURNS:
        normal = np.cos(turn) * u + np.sin(turn) * v
        for shift in np.linspace(-0.25, 0.25, SHIFTS) * size:
            plane = Plane(normal, -float(middle @ normal) - float(shift))
            away = tree.query(reflected(points, plane), distance_upper_bound=NEAR * size)[0]
            share = float(np.mean(np.isfinite(away)))
            if share > most:
                best, most = plane, share
    return best, most


def reflected(points: Array, plane: Plane) -> Array:
    """The mirror images [..., 3] of `points` [..., 3]."""
    return np.asarray(points - 2 * plane.heights(points)[..., None] * plane.normal)


def mirrored(thing: Gaussians, plane: Plane) -> Gaussians:
    """The mirror image of `thing`, marked as put there without evidence.

    mean' = M mean + t, covariance' = M covariance M with M = I - 2 n n^T. M times a rotation is
    none, but with one axis of the ellipsoid turned round, which changes nothing of it, it is.
    Colours are those from all sides: what shines would shine from the other side.
    """
    normal = torch.from_numpy(plane.normal.copy())
    mirror = torch.eye(3).double() - 2 * normal[:, None] * normal[None]
    axes = mirror @ matrix_from_quat(thing.quats.double())
    axes = axes * torch.tensor([1.0, 1.0, -1.0]).double()
    means = thing.means.double() @ mirror - 2 * plane.offset * normal
    sh = torch.zeros_like(thing.sh)
    sh[:, 0] = thing.sh[:, 0]
    return replace(
        thing,
        means=means.to(thing.means),
        quats=quat_from_matrix(axes).to(thing.quats),
        sh=sh,
        origin=torch.full_like(thing.origin, Origin.FILLED),
        confidence=torch.zeros_like(thing.confidence),
    )


def completed(thing: Gaussians, plane: Plane, photos: Sequence[Witness]) -> Gaussians:
    """Those mirror images of `thing`'s Gaussians that are new and that `photos` allow."""
    return news_of(mirrored(thing, plane), thing, photos)


def news_of(image: Gaussians, thing: Gaussians, photos: Sequence[Witness]) -> Gaussians:
    """Those rows of `image`, another likeness of `thing`, that are new and that `photos` allow.

    New: farther from the object's own than these are from each other. Allowed: in each photo
    either outside the picture, or within the object's mask, or hidden behind what is there.
    """
    from scipy.spatial import cKDTree  # a third of a second to load

    own, other = thing.means.double().numpy(), image.means.double().numpy()
    if len(own) < 2:
        return image.rows(torch.zeros(len(image), dtype=torch.bool))
    tree = cKDTree(own)
    usual = float(np.median(tree.query(own, 2)[0][:, 1]))
    kept = torch.from_numpy(np.asarray(tree.query(other)[0] > 2 * usual))
    for photo in photos:
        kept &= _allowed(image.means, photo)
    return image.rows(kept)


def _allowed(means: Tensor, photo: Witness) -> Tensor:
    """[N] bool: whether `photo` shows nothing that contradicts something at `means` [N, 3]."""
    height, width = photo.mask.shape
    view = photo.view.resized(width, height)
    pixels, z = project(means, view)
    column, row, inside = landed(pixels, z, view)
    there = photo.depth[row, column]
    hidden = (there > 0) & (z > (1 + SLACK) * there)
    return ~inside | torch.from_numpy(photo.mask)[row, column] | hidden
