"""Gaussians to records: projection, colour and culling, one pass in row order."""

import math

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import (
    BLUR_F,
    CH,
    CLAMPED,
    CX,
    CXX,
    CXY,
    CY,
    CYY,
    EYE,
    FAINT,
    FAINT_POWER,
    FX,
    FY,
    GUARDED,
    GUARDED_INLINE,
    HALF,
    INLINE,
    LIMIT,
    LOGA,
    ONE,
    OP,
    QA,
    QB,
    QC,
    RADIUS,
    TILE_H,
    TILE_W,
    TWO,
    ZERO,
    F,
    X,
    Y,
)
from core.render.render import NEAR

NEAR_F = F(NEAR)


@njit(**INLINE)
def rotation(quats, i):
    """Rotation matrix of row i, row by row, and one over the quaternion's length."""
    w, x, y, z = quats[i, 0], quats[i, 1], quats[i, 2], quats[i, 3]
    inverse = ONE / math.sqrt(w * w + x * x + y * y + z * z)
    w, x, y, z = w * inverse, x * inverse, y * inverse, z * inverse
    return (
        ONE - TWO * (y * y + z * z), TWO * (x * y - w * z), TWO * (x * z + w * y),
        TWO * (x * y + w * z), ONE - TWO * (x * x + z * z), TWO * (y * z - w * x),
        TWO * (x * z - w * y), TWO * (y * z + w * x), ONE - TWO * (x * x + y * y),
        inverse,
    )  # fmt: skip


@njit(**INLINE)
def times(a, b):
    """Product of two 3 x 3 matrices given as nine numbers each."""
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = a
    b00, b01, b02, b10, b11, b12, b20, b21, b22 = b
    return (
        a00 * b00 + a01 * b10 + a02 * b20,
        a00 * b01 + a01 * b11 + a02 * b21,
        a00 * b02 + a01 * b12 + a02 * b22,
        a10 * b00 + a11 * b10 + a12 * b20,
        a10 * b01 + a11 * b11 + a12 * b21,
        a10 * b02 + a11 * b12 + a12 * b22,
        a20 * b00 + a21 * b10 + a22 * b20,
        a20 * b01 + a21 * b11 + a22 * b21,
        a20 * b02 + a21 * b12 + a22 * b22,
    )


@njit(**INLINE)
def camera_axes(quats, scales, view, i):
    """The Gaussian's principal axes, scaled, in the camera frame: nine numbers."""
    r00, r01, r02, r10, r11, r12, r20, r21, r22, _ = rotation(quats, i)
    sx, sy, sz = scales[i, 0], scales[i, 1], scales[i, 2]
    turn = (view[0], view[1], view[2], view[3], view[4], view[5], view[6], view[7], view[8])
    own = (r00 * sx, r01 * sy, r02 * sz, r10 * sx, r11 * sy, r12 * sz, r20 * sx, r21 * sy, r22 * sz)
    return times(turn, own)


@njit(**INLINE)
def camera_point(means, view, i):
    x, y, z = means[i, 0], means[i, 1], means[i, 2]
    return (
        view[0] * x + view[1] * y + view[2] * z + view[9],
        view[3] * x + view[4] * y + view[5] * z + view[10],
        view[6] * x + view[7] * y + view[8] * z + view[11],
    )


@njit(**INLINE)
def spread(axes, px, py, inverse_z, view):
    """Axes of the Gaussian on the picture (2 x 3) and the Jacobian's x / z and y / z, clamped."""
    v00, v01, v02, v10, v11, v12, v20, v21, v22 = axes
    tx = min(max(px * inverse_z, view[LIMIT]), view[LIMIT + 1])
    ty = min(max(py * inverse_z, view[LIMIT + 2]), view[LIMIT + 3])
    jx, jy = view[FX] * inverse_z, view[FY] * inverse_z
    jxz, jyz = -jx * tx, -jy * ty
    return (
        jx * v00 + jxz * v20, jx * v01 + jxz * v21, jx * v02 + jxz * v22,
        jy * v10 + jyz * v20, jy * v11 + jyz * v21, jy * v12 + jyz * v22,
        tx, ty,
    )  # fmt: skip


@njit(**INLINE)
def sh_basis(x, y, z, basis):
    """The 16 functions of `core.geometry.sh` in the unit direction (x, y, z)."""
    xx, yy, zz = x * x, y * y, z * z
    basis[0] = F(0.28209479177387814)
    a = F(0.4886025119029199)
    basis[1], basis[2], basis[3] = -a * y, a * z, -a * x
    a = F(1.0925484305920792)
    basis[4], basis[5], basis[7] = a * x * y, -a * y * z, -a * x * z
    basis[6] = F(0.31539156525252005) * (TWO * zz - xx - yy)
    basis[8] = F(0.5462742152960396) * (xx - yy)
    basis[9] = F(-0.5900435899266435) * y * (F(3) * xx - yy)
    basis[10] = F(2.890611442640554) * x * y * z
    a = F(-0.4570457994644658) * (F(4) * zz - xx - yy)
    basis[11], basis[13] = a * y, a * x
    basis[12] = F(0.3731763325901154) * z * (TWO * zz - F(3) * (xx + yy))
    basis[14] = F(1.445305721320277) * z * (xx - yy)
    basis[15] = F(-0.5900435899266435) * x * (xx - F(3) * yy)


@njit(**INLINE)
def direction(means, view, i):
    """Unit vector from the camera to row i, and one over the distance."""
    x, y, z = means[i, 0] - view[EYE], means[i, 1] - view[EYE + 1], means[i, 2] - view[EYE + 2]
    inverse = ONE / math.sqrt(x * x + y * y + z * z)
    return x * inverse, y * inverse, z * inverse, inverse


@njit(**INLINE)
def colour(records, means, sh, count, view, basis, i):
    """Write channels r, g, b and which of them were clamped at 0."""
    x, y, z, _ = direction(means, view, i)
    sh_basis(x, y, z, basis)
    r, g, b = HALF, HALF, HALF
    for j in range(count):
        r += basis[j] * sh[i, j, 0]
        g += basis[j] * sh[i, j, 1]
        b += basis[j] * sh[i, j, 2]
    records[i, CLAMPED] = F((r < ZERO) + 2 * (g < ZERO) + 4 * (b < ZERO))
    records[i, CH], records[i, CH + 1], records[i, CH + 2] = (
        max(r, ZERO),
        max(g, ZERO),
        max(b, ZERO),
    )


@njit(**INLINE)
def first_pixel(low):
    """The first pixel, not before 0, whose centre lies at or beyond `low`; safe for any size."""
    return max(math.ceil(max(low - HALF, F(-1))), 0)


@njit(**INLINE)
def last_pixel(high, count):
    """The last of `count` pixels whose centre lies at or before `high`."""
    return min(math.floor(min(high - HALF, F(count))), count - 1)


@njit(**GUARDED_INLINE)
def shape(records, quats, scales, view, width, height, point, opacity, i):
    """Write centre, quadratic form and covariance; how many tiles its box meets, 0 if unseen."""
    px, py, pz = point
    inverse_z = ONE / pz
    gx = view[FX] * px * inverse_z + view[CX]
    gy = view[FY] * py * inverse_z + view[CY]
    axes = camera_axes(quats, scales, view, i)
    u00, u01, u02, u10, u11, u12, _, _ = spread(axes, px, py, inverse_z, view)
    xx = u00 * u00 + u01 * u01 + u02 * u02 + BLUR_F
    xy = u00 * u10 + u01 * u11 + u02 * u12
    yy = u10 * u10 + u11 * u11 + u12 * u12 + BLUR_F
    determinant = xx * yy - xy * xy
    # Written so that NaN fails as well, and one bad row cannot spin the tile loops.
    if not (determinant > F(1e-10) and xx < F(1e12) and yy < F(1e12)):
        return 0
    reach = TWO * math.log(opacity / FAINT)
    half_x, half_y = math.sqrt(reach * xx), math.sqrt(reach * yy)
    if not (
        gx + half_x > ZERO and gy + half_y > ZERO and gx - half_x < width and gy - half_y < height
    ):
        return 0
    # Columns and rows of pixel centres inside the box beyond which alpha is too faint.
    left, right = first_pixel(gx - half_x), last_pixel(gx + half_x, width)
    top, bottom = first_pixel(gy - half_y), last_pixel(gy + half_y, height)
    if right < left or bottom < top:
        return 0
    eighth = ONE / (F(8) * determinant)
    records[i, X], records[i, Y] = gx, gy
    records[i, QA], records[i, QB], records[i, QC] = (
        -HALF * yy * eighth,
        xy * eighth,
        -HALF * xx * eighth,
    )
    records[i, LOGA] = reach * F(0.0625) + FAINT_POWER
    records[i, CXX], records[i, CXY], records[i, CYY] = xx, xy, yy
    records[i, OP], records[i, RADIUS] = opacity, max(half_x, half_y)
    return (right // TILE_W - left // TILE_W + 1) * (bottom // TILE_H - top // TILE_H + 1)


@njit(parallel=True, **GUARDED)
def project(columns, count, view, width, height, workers, records, depths, boxes, visible, found):
    """Write a record for each row that the view can see, and list those rows.

    Worker w lists its rows in `visible` from the first row of its share on, `found[w]` of
    them; `boxes` holds the tiles each may meet, 0 for rows out of sight.
    """
    means, quats, scales, opacities, sh = columns
    rows = means.shape[0]
    for w in prange(workers):
        low, high = w * rows // workers, (w + 1) * rows // workers
        listed = low
        basis = np.empty(16, np.float32)
        for i in range(low, high):
            boxes[i] = 0
            px, py, pz = camera_point(means, view, i)
            opacity = opacities[i]
            if not (pz > NEAR_F and opacity > FAINT):
                continue
            boxes[i] = shape(records, quats, scales, view, width, height, (px, py, pz), opacity, i)
            if boxes[i] == 0:
                continue
            colour(records, means, sh, count, view, basis, i)
            records[i, CH + 3] = pz
            depths[i] = pz
            visible[listed] = i
            listed += 1
        found[w] = listed - low
