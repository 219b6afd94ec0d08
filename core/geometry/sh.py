"""Real spherical harmonics to degree 3, in the basis and sign convention of 3DGS."""

import math

import torch
from torch import Tensor

SH_C0 = 0.28209479177387814  # the constant basis function


def sh_basis(directions: Tensor, degree: int) -> Tensor:
    """Basis values [..., (degree + 1)^2] in unit `directions` [..., 3]."""
    x, y, z = directions.unbind(-1)
    basis = [torch.full_like(x, SH_C0)]
    if degree > 0:
        a = 0.4886025119029199
        basis += [-a * y, a * z, -a * x]
    xx, yy, zz = x * x, y * y, z * z
    if degree > 1:
        a = 1.0925484305920792
        basis += [
            a * x * y,
            -a * y * z,
            0.31539156525252005 * (2 * zz - xx - yy),
            -a * x * z,
            0.5462742152960396 * (xx - yy),
        ]
    if degree > 2:
        basis += [
            -0.5900435899266435 * y * (3 * xx - yy),
            2.890611442640554 * x * y * z,
            -0.4570457994644658 * y * (4 * zz - xx - yy),
            0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy),
            -0.4570457994644658 * x * (4 * zz - xx - yy),
            1.445305721320277 * z * (xx - yy),
            -0.5900435899266435 * x * (xx - 3 * yy),
        ]
    return torch.stack(basis, dim=-1)


def sh_colors(directions: Tensor, sh: Tensor, degree: int) -> Tensor:
    """Colours [N, 3] >= 0 of coefficients `sh` [N, K, 3] seen along unit `directions` [N, 3]."""
    count = (degree + 1) ** 2
    basis = sh_basis(directions, degree)
    return ((basis[..., None] * sh[:, :count]).sum(dim=1) + 0.5).clamp_min(0)


def sh_from_color(colors: Tensor) -> Tensor:
    """The constant coefficient [N, 3] whose colour is `colors` [N, 3] in [0, 1]."""
    return (colors - 0.5) / SH_C0


def sh_rotated(sh: Tensor, rotation: Tensor) -> Tensor:
    """Coefficients `sh` [N, K, 3] of things that were turned by `rotation` [3, 3].

    Seen along `rotation @ d` they look as before along d. Bands do not mix; each one's matrix is
    solved for from its values in more directions than it has functions, in float64.
    """
    count = sh.shape[1]
    if count == 1:
        return sh.clone()
    degree = math.isqrt(count) - 1
    turn = rotation.to(device="cpu", dtype=torch.float64)
    directions = _spread(4 * count)
    after, before = sh_basis(directions, degree), sh_basis(directions @ turn, degree)
    new_from_old = torch.zeros(count, count, dtype=torch.float64)
    for band in range(degree + 1):
        part = slice(band**2, (band + 1) ** 2)
        new_from_old[part, part] = torch.linalg.lstsq(after[:, part], before[:, part]).solution
    return torch.einsum("kl,nlc->nkc", new_from_old.to(sh), sh)


def _spread(count: int) -> Tensor:
    """Unit directions [count, 3] evenly over the sphere, along a spiral."""
    i = torch.arange(count, dtype=torch.float64) + 0.5
    z, turn = 1 - 2 * i / count, math.pi * (1 + math.sqrt(5)) * i
    radius = (1 - z * z).sqrt()
    return torch.stack([radius * torch.cos(turn), radius * torch.sin(turn), z], dim=-1)
