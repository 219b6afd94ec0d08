"""Gradients on the picture to gradients of the table's columns and of the camera's pose."""

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import (
    CLAMPED,
    FX,
    FY,
    INLINE,
    JIT,
    LIMIT,
    ONE,
    OP,
    QA,
    QB,
    QC,
    TWO,
    ZERO,
    F,
)
from core.render.cpu.project import (
    camera_axes,
    camera_point,
    direction,
    rotation,
    sh_basis,
    spread,
    times,
)

# Per worker, in float64: dL/d(rotation) through the centres (9), dL/d(translation) (3),
# dL/d(camera centre) (3), and dL/d(rotation) through the shapes, still to be turned (9).
POSE_SUMS = 24
SHAPES = 15


@njit(**INLINE)
def sum_workers(gradients, i, total):
    for c in range(10):
        total[c] = ZERO
    for w in range(gradients.shape[0]):
        for c in range(10):
            total[c] += gradients[w, i, c]


@njit(**INLINE)
def centre_gradient(records, i, total):
    """dL/d(centre on the picture): power = q(dx, dy) with d = pixel - centre."""
    a, b, c = records[i, QA] * F(-16), records[i, QB] * F(-8), records[i, QC] * F(-16)
    return a * total[1] + b * total[2], b * total[1] + c * total[2]


@njit(**INLINE)
def covariance_gradient(records, i, total):
    """dL/d(covariance) xx, xy (each of the two), yy, from that of the inverse: -Q dQ Q."""
    a, b, c = records[i, QA] * F(-16), records[i, QB] * F(-8), records[i, QC] * F(-16)
    va, vb, vc = F(-0.5) * total[3], F(-0.5) * total[4], F(-0.5) * total[5]
    e00, e01 = va * a + vb * b, va * b + vb * c
    e10, e11 = vb * a + vc * b, vb * b + vc * c
    return -(a * e00 + b * e10), -(a * e01 + b * e11), -(b * e01 + c * e11)


@njit(**INLINE)
def shape_gradient(records, i, total, axes, point, view):
    """dL/d(axes in the camera frame) and the covariance's share of dL/d(camera point)."""
    px, py, pz = point
    inverse_z = ONE / pz
    v00, v01, v02, v10, v11, v12, v20, v21, v22 = axes
    u00, u01, u02, u10, u11, u12, tx, ty = spread(axes, px, py, inverse_z, view)
    gxx, gxy, gyy = covariance_gradient(records, i, total)
    d00, d01, d02 = (
        TWO * (gxx * u00 + gxy * u10), TWO * (gxx * u01 + gxy * u11), TWO * (gxx * u02 + gxy * u12)
    )  # fmt: skip
    d10, d11, d12 = (
        TWO * (gxy * u00 + gyy * u10), TWO * (gxy * u01 + gyy * u11), TWO * (gxy * u02 + gyy * u12)
    )  # fmt: skip
    jx, jy = view[FX] * inverse_z, view[FY] * inverse_z
    jxz, jyz = -jx * tx, -jy * ty
    axes_gradient = (
        jx * d00, jx * d01, jx * d02,
        jy * d10, jy * d11, jy * d12,
        jxz * d00 + jyz * d10, jxz * d01 + jyz * d11, jxz * d02 + jyz * d12,
    )  # fmt: skip
    d_jx = d00 * v00 + d01 * v01 + d02 * v02
    d_jy = d10 * v10 + d11 * v11 + d12 * v12
    d_jxz = d00 * v20 + d01 * v21 + d02 * v22
    d_jyz = d10 * v20 + d11 * v21 + d12 * v22
    # jx = fx / z and jxz = -fx tx / z, where tx = x / z unless it is clamped.
    gz = -(jx * d_jx + jy * d_jy + jxz * d_jxz + jyz * d_jyz) * inverse_z
    gx, gy = ZERO, ZERO
    if view[LIMIT] <= px * inverse_z <= view[LIMIT + 1]:
        gx = -jx * inverse_z * d_jxz
        gz += jx * tx * inverse_z * d_jxz
    if view[LIMIT + 2] <= py * inverse_z <= view[LIMIT + 3]:
        gy = -jy * inverse_z * d_jyz
        gz += jy * ty * inverse_z * d_jyz
    return axes_gradient, gx, gy, gz


@njit(**INLINE)
def axes_to_columns(gradient, view, quats, scales, i, out_quats, out_scales):
    """dL/d(axes in the camera frame) to the columns quats and log_scales."""
    r00, r01, r02, r10, r11, r12, r20, r21, r22, inverse = rotation(quats, i)
    back = (view[0], view[3], view[6], view[1], view[4], view[7], view[2], view[5], view[8])
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = times(back, gradient)
    # One factor of the scale gives dL/d(rotation), and dL/d(log scale) instead of dL/d(scale).
    sx, sy, sz = scales[i, 0], scales[i, 1], scales[i, 2]
    a00, a10, a20 = a00 * sx, a10 * sx, a20 * sx
    a01, a11, a21 = a01 * sy, a11 * sy, a21 * sy
    a02, a12, a22 = a02 * sz, a12 * sz, a22 * sz
    out_scales[i, 0] = a00 * r00 + a10 * r10 + a20 * r20
    out_scales[i, 1] = a01 * r01 + a11 * r11 + a21 * r21
    out_scales[i, 2] = a02 * r02 + a12 * r12 + a22 * r22
    w, x, y, z = (
        quats[i, 0] * inverse, quats[i, 1] * inverse, quats[i, 2] * inverse, quats[i, 3] * inverse
    )  # fmt: skip
    gw = TWO * (x * (a21 - a12) + y * (a02 - a20) + z * (a10 - a01))
    gx = TWO * (-TWO * x * (a11 + a22) + y * (a10 + a01) + z * (a20 + a02) + w * (a21 - a12))
    gy = TWO * (x * (a10 + a01) - TWO * y * (a00 + a22) + z * (a21 + a12) + w * (a02 - a20))
    gz = TWO * (x * (a20 + a02) + y * (a21 + a12) - TWO * z * (a00 + a11) + w * (a10 - a01))
    # Only the direction of the quaternion matters: take out the part along it.
    along = gw * w + gx * x + gy * y + gz * z
    out_quats[i, 0], out_quats[i, 1] = (gw - along * w) * inverse, (gx - along * x) * inverse
    out_quats[i, 2], out_quats[i, 3] = (gy - along * y) * inverse, (gz - along * z) * inverse


@njit(**INLINE)
def direction_gradient(sh, i, count, x, y, z, r, g, b, weight):
    """dL/d(unit direction) of row i, for the colour's gradient (r, g, b)."""
    for j in range(1, count):
        weight[j] = r * sh[i, j, 0] + g * sh[i, j, 1] + b * sh[i, j, 2]
    gx, gy, gz = ZERO, ZERO, ZERO
    if count > 1:
        a = F(-0.4886025119029199)
        gx, gy, gz = a * weight[3], a * weight[1], -a * weight[2]
    if count > 4:
        a, b2, c = F(1.0925484305920792), F(0.31539156525252005), F(1.0925484305920792)
        gx += a * y * weight[4] - TWO * b2 * x * weight[6] - a * z * weight[7] + c * x * weight[8]
        gy += a * x * weight[4] - a * z * weight[5] - TWO * b2 * y * weight[6] - c * y * weight[8]
        gz += -a * y * weight[5] + F(4) * b2 * z * weight[6] - a * x * weight[7]
    if count > 9:
        xx, yy, zz, xy, xz, yz = x * x, y * y, z * z, x * y, x * z, y * z
        a, b2, c = F(-0.5900435899266435), F(2.890611442640554), F(-0.4570457994644658)
        d, e = F(0.3731763325901154), F(1.445305721320277)
        w9, w10, w11, w12 = weight[9], weight[10], weight[11], weight[12]
        w13, w14, w15 = weight[13], weight[14], weight[15]
        gx += (
            a * F(6) * xy * w9 + b2 * yz * w10 - c * TWO * xy * w11 - d * F(6) * xz * w12
            + c * (F(4) * zz - F(3) * xx - yy) * w13 + e * TWO * xz * w14
            + a * F(3) * (xx - yy) * w15
        )  # fmt: skip
        gy += (
            a * F(3) * (xx - yy) * w9 + b2 * xz * w10 + c * (F(4) * zz - xx - F(3) * yy) * w11
            - d * F(6) * yz * w12 - c * TWO * xy * w13 - e * TWO * yz * w14 - a * F(6) * xy * w15
        )  # fmt: skip
        gz += (
            b2 * xy * w10 + c * F(8) * yz * w11 + d * (F(6) * zz - F(3) * xx - F(3) * yy) * w12
            + c * F(8) * xz * w13 + e * (xx - yy) * w14
        )  # fmt: skip
    return gx, gy, gz


@njit(**INLINE)
def colour_gradient(records, means, sh, count, view, total, basis, weight, i, out_sh):
    """Write dL/d(sh); return dL/d(camera to row) through the view's direction."""
    clamped = int(records[i, CLAMPED])
    r = ZERO if clamped & 1 else total[6]
    g = ZERO if clamped & 2 else total[7]
    b = ZERO if clamped & 4 else total[8]
    x, y, z, inverse = direction(means, view, i)
    sh_basis(x, y, z, basis)
    for j in range(count):
        out_sh[i, j, 0], out_sh[i, j, 1], out_sh[i, j, 2] = basis[j] * r, basis[j] * g, basis[j] * b
    gx, gy, gz = direction_gradient(sh, i, count, x, y, z, r, g, b, weight)
    along = gx * x + gy * y + gz * z
    return (gx - along * x) * inverse, (gy - along * y) * inverse, (gz - along * z) * inverse


@njit(**INLINE)
def add_pose(sums, means, i, point, axes, axes_gradient, eye):
    """Add row i's share of the pose's gradient: through its centre, its shape and its colour."""
    for r in range(3):
        for c in range(3):
            sums[3 * r + c] += point[r] * means[i, c]
        sums[9 + r] += point[r]
        sums[12 + r] -= eye[r]
    # axes = rotation @ own axes, so dL/d(rotation) = dL/d(axes) @ axes^T @ rotation; the last
    # factor is the same for all rows and is applied once, by the caller.
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = axes
    turned = times(axes_gradient, (a00, a10, a20, a01, a11, a21, a02, a12, a22))
    for k in range(9):
        sums[SHAPES + k] += turned[k]


@njit(**INLINE)
def zero_row(outputs, i, count):
    out_means, out_quats, out_scales, out_opacity, out_sh, out_centres = outputs
    for c in range(3):
        out_means[i, c], out_scales[i, c] = ZERO, ZERO
        for j in range(count):
            out_sh[i, j, c] = ZERO
    for c in range(4):
        out_quats[i, c] = ZERO
    out_opacity[i], out_centres[i, 0], out_centres[i, 1] = ZERO, ZERO, ZERO


@njit(parallel=True, **JIT)
def project_gradient(
    columns, count, view, records, boxes, gradients, with_pose, outputs, pose_sums
):
    """Gradients of the raw columns (log_scales and logit_opacity).

    `pose_sums` [W, POSE_SUMS] float64 grows where `with_pose`.
    """
    means, quats, scales, _, sh = columns
    out_means, out_quats, out_scales, out_opacity, out_sh, out_centres = outputs
    rows, workers = means.shape[0], gradients.shape[0]
    for w in prange(workers):
        total, basis, weight = (
            np.empty(12, np.float32),
            np.empty(16, np.float32),
            np.empty(16, np.float32),
        )
        for i in range(w * rows // workers, (w + 1) * rows // workers):
            if boxes[i] == 0:
                zero_row(outputs, i, count)
                continue
            sum_workers(gradients, i, total)
            out_opacity[i] = total[0] * (ONE - records[i, OP])
            vx, vy = centre_gradient(records, i, total)
            out_centres[i, 0], out_centres[i, 1] = vx, vy
            point = camera_point(means, view, i)
            axes = camera_axes(quats, scales, view, i)
            axes_gradient, gx, gy, gz = shape_gradient(records, i, total, axes, point, view)
            axes_to_columns(axes_gradient, view, quats, scales, i, out_quats, out_scales)
            inverse_z = ONE / point[2]
            gx += view[FX] * inverse_z * vx
            gy += view[FY] * inverse_z * vy
            gz -= (view[FX] * point[0] * vx + view[FY] * point[1] * vy) * inverse_z * inverse_z
            gz += total[9]  # the fourth channel is z itself
            ex, ey, ez = colour_gradient(
                records, means, sh, count, view, total, basis, weight, i, out_sh
            )
            out_means[i, 0] = view[0] * gx + view[3] * gy + view[6] * gz + ex
            out_means[i, 1] = view[1] * gx + view[4] * gy + view[7] * gz + ey
            out_means[i, 2] = view[2] * gx + view[5] * gy + view[8] * gz + ez
            if with_pose:
                add_pose(pose_sums[w], means, i, (gx, gy, gz), axes, axes_gradient, (ex, ey, ez))
