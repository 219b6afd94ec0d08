"""Quaternions (w, x, y, z) and rotation matrices; pure and batched."""

import torch
from torch import Tensor


def quat_normalized(quats: Tensor) -> Tensor:
    """Unit quaternions [..., 4] with the direction of `quats` [..., 4]."""
    return torch.nn.functional.normalize(quats, dim=-1)


def quat_multiply(left: Tensor, right: Tensor) -> Tensor:
    """The rotation `right` [..., 4] followed by `left` [..., 4], as quaternions [..., 4]."""
    a, b, c, d = left.unbind(-1)
    w, x, y, z = right.unbind(-1)
    return torch.stack(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ],
        dim=-1,
    )


def matrix_from_quat(quats: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] of `quats` [..., 4], which need not be of unit length."""
    w, x, y, z = quat_normalized(quats).unbind(-1)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def quat_from_matrix(matrices: Tensor) -> Tensor:
    """Unit quaternions [..., 4] with w >= 0 of rotation matrices [..., 3, 3].

    Of the four ways to solve for a quaternion, each row takes the one that
    divides by its largest component (Shepperd, 1978).
    """
    m = matrices
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    yz, zx, xy = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    sxy, sxz, syz = (
        m[..., 1, 0] + m[..., 0, 1],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 2, 1] + m[..., 1, 2],
    )
    candidates = torch.stack(
        [
            torch.stack([1 + xx + yy + zz, yz, zx, xy], dim=-1),
            torch.stack([yz, 1 + xx - yy - zz, sxy, sxz], dim=-1),
            torch.stack([zx, sxy, 1 - xx + yy - zz, syz], dim=-1),
            torch.stack([xy, sxz, syz, 1 - xx - yy + zz], dim=-1),
        ],
        dim=-2,
    )
    best = torch.diagonal(candidates, dim1=-2, dim2=-1).argmax(dim=-1)
    index = best[..., None, None].expand(*best.shape, 1, 4)
    quats = quat_normalized(candidates.gather(-2, index).squeeze(-2))
    return torch.where(quats[..., :1] < 0, -quats, quats)


def quat_facing(directions: Tensor) -> Tensor:
    """Unit quaternions [..., 4] of the shortest turns from the z axis to unit `directions`."""
    x, y, z = directions.unbind(-1)
    quats = torch.stack([1 + z, -y, x, torch.zeros_like(z)], dim=-1)
    half_turn = torch.tensor([0.0, 1.0, 0.0, 0.0]).to(quats)
    return quat_normalized(torch.where(1 + z[..., None] < 1e-6, half_turn, quats))


def rotation_vector_matrix(vectors: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3] in radians (Rodrigues).

    Smooth at zero, so pose refinement can start there.
    """
    x, y, z = vectors.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1)
    turned: Tensor = torch.linalg.matrix_exp(skew.reshape(*vectors.shape[:-1], 3, 3))
    return turned
