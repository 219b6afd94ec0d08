"""Gradients on the picture to gradients of the table's columns and of the camera's pose."""

from numba import njit, prange

from core.render.cpu.color_gradient import colour_gradient, colour_slopes
from core.render.cpu.elementary import exponential
from core.render.cpu.layout import (
    CLAMPED,
    FX,
    FY,
    GRADIENT,
    LIMIT,
    ONE,
    OP,
    QA,
    QB,
    QC,
    RECORD,
    ROOM,
    TWO,
    WRITTEN,
    WRITTEN_INLINE,
    ZERO,
    F,
    U,
)
from core.render.cpu.project import (
    camera_axes,
    camera_point,
    picture_axes,
    rotation,
    times,
)
from core.render.cpu.rows import (
    inside,
    read3,
    read4,
    read8,
    share,
    write2,
    write3,
    write4,
)
from core.render.cpu.vectors import address, keep, load, store

# Per worker, in float64: dL/d(rotation) through the centres (9), dL/d(translation) (3),
# dL/d(camera centre) (3), and dL/d(rotation) through the shapes, still to be turned (9).
POSE_SUMS = 24
SHAPES = 15


@njit(**WRITTEN_INLINE)
def summed(gradients, i, worker_size, workers, at):
    """Numbers at .. at + 8 of eight rows, over all workers."""
    total = read8(gradients, i * GRADIENT + at)
    for w in range(1, workers):
        more = read8(gradients, w * worker_size + i * GRADIENT + at)
        total = (
            total[0] + more[0], total[1] + more[1], total[2] + more[2], total[3] + more[3],
            total[4] + more[4], total[5] + more[5], total[6] + more[6], total[7] + more[7],
        )  # fmt: skip
    return total


@njit(**WRITTEN_INLINE)
def centre_gradient(form, total):
    """dL/d(centre on the picture): power = q(dx, dy) with d = pixel - centre."""
    a, b, c = form
    return a * total[1] + b * total[2], b * total[1] + c * total[2]


@njit(**WRITTEN_INLINE)
def covariance_gradient(form, total):
    """dL/d(covariance) xx, xy (each of the two), yy, from that of the inverse: -Q dQ Q."""
    a, b, c = form
    va, vb, vc = F(-0.5) * total[3], F(-0.5) * total[4], F(-0.5) * total[5]
    e00, e01 = va * a + vb * b, va * b + vb * c
    e10, e11 = vb * a + vc * b, vb * b + vc * c
    return -(a * e00 + b * e10), -(a * e01 + b * e11), -(b * e01 + c * e11)


@njit(**WRITTEN_INLINE)
def shape_gradient(form, total, axes, point, view):
    """dL/d(axes in the camera frame) and the covariance's share of dL/d(camera point)."""
    px, py, pz = point
    inverse_z = ONE / pz
    v00, v01, v02, v10, v11, v12, v20, v21, v22 = axes
    u00, u01, u02, u10, u11, u12, tx, ty = picture_axes(axes, px, py, inverse_z, view)
    gxx, gxy, gyy = covariance_gradient(form, total)
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
    x, y = px * inverse_z, py * inverse_z
    free_x = keep((x >= view[LIMIT]) & (view[LIMIT + 1] >= x), jx * inverse_z * d_jxz)
    free_y = keep((y >= view[LIMIT + 2]) & (view[LIMIT + 3] >= y), jy * inverse_z * d_jyz)
    return axes_gradient, -free_x, -free_y, gz + tx * free_x + ty * free_y


@njit(**WRITTEN_INLINE)
def axes_to_columns(gradient, view, rotated, scales):
    """dL/d(axes in the camera frame) to the columns quats and log_scales."""
    turn, (w, x, y, z), inverse = rotated
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = turn
    back = (view[0], view[3], view[6], view[1], view[4], view[7], view[2], view[5], view[8])
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = times(back, gradient)
    # One factor of the scale gives dL/d(rotation), and dL/d(log scale) instead of dL/d(scale).
    sx, sy, sz = scales
    a00, a10, a20 = a00 * sx, a10 * sx, a20 * sx
    a01, a11, a21 = a01 * sy, a11 * sy, a21 * sy
    a02, a12, a22 = a02 * sz, a12 * sz, a22 * sz
    by_scales = (
        a00 * r00 + a10 * r10 + a20 * r20,
        a01 * r01 + a11 * r11 + a21 * r21,
        a02 * r02 + a12 * r12 + a22 * r22,
    )
    gw = TWO * (x * (a21 - a12) + y * (a02 - a20) + z * (a10 - a01))
    gx = TWO * (-TWO * x * (a11 + a22) + y * (a10 + a01) + z * (a20 + a02) + w * (a21 - a12))
    gy = TWO * (x * (a10 + a01) - TWO * y * (a00 + a22) + z * (a21 + a12) + w * (a02 - a20))
    gz = TWO * (x * (a20 + a02) + y * (a21 + a12) - TWO * z * (a00 + a11) + w * (a10 - a01))
    # Only the direction of the quaternion matters: take out the part along it.
    along = gw * w + gx * x + gy * y + gz * z
    by_quats = (
        (gw - along * w) * inverse,
        (gx - along * x) * inverse,
        (gy - along * y) * inverse,
        (gz - along * z) * inverse,
    )
    return by_quats, by_scales


@njit(**WRITTEN_INLINE)
def add_lanes(sums, at, seen, value, spare):
    store(spare, U(0), keep(seen, value))
    for k in range(8):
        sums[at] += spare[k]


@njit(**WRITTEN_INLINE)
def add_pose(sums, seen, position, point, axes, axes_gradient, eye, spare):
    """Add eight rows' share of the pose's gradient: through centre, shape and colour."""
    # axes = rotation @ own axes, so dL/d(rotation) = dL/d(axes) @ axes^T @ rotation; the last
    # factor is the same for all rows and is applied once, by the caller.
    a00, a01, a02, a10, a11, a12, a20, a21, a22 = axes
    turned = times(axes_gradient, (a00, a10, a20, a01, a11, a21, a02, a12, a22))
    for r in range(3):
        for c in range(3):
            add_lanes(sums, 3 * r + c, seen, point[r] * position[c], spare)
        add_lanes(sums, 9 + r, seen, point[r], spare)
        add_lanes(sums, 12 + r, seen, -eye[r], spare)
    for k in range(9):
        add_lanes(sums, SHAPES + k, seen, turned[k], spare)


@njit(**WRITTEN_INLINE)
def point_gradient(point, through_shape, low, z_slope, form, view):
    """dL/d(camera point) and dL/d(centre on the picture)."""
    vx, vy = centre_gradient(form, low)
    gx, gy, gz = through_shape
    inverse_z = ONE / point[2]
    gx = gx + view[FX] * inverse_z * vx
    gy = gy + view[FY] * inverse_z * vy
    gz = gz - (view[FX] * point[0] * vx + view[FY] * point[1] * vy) * inverse_z * inverse_z
    return (gx, gy, gz + z_slope), vx, vy  # the fourth channel is z itself


@njit(**WRITTEN_INLINE)
def kept(seen, values):
    return keep(seen, values[0]), keep(seen, values[1]), keep(seen, values[2])


@njit(**WRITTEN_INLINE)
def eight_rows(i, left, inputs, view, count, sums, boxes, outputs, room, with_pose, pose_sums):
    """Rows i to i + 8, of which `left` are there, of flat arrays."""
    means, quats, log_scales, sh, row, records = inputs
    slopes, worker_size, workers = sums
    seen = inside(left) & (load(boxes, U(i)) > ZERO)
    low = summed(slopes, i, worker_size, workers, 0)
    high = summed(slopes, i, worker_size, workers, 8)
    first, last = read8(records, i * RECORD), read8(records, i * RECORD + 8)
    form = (first[QA] * F(-16), first[QB] * F(-8), first[QC] * F(-16))
    position = read3(means, i, left, room)
    point = camera_point(position[0], position[1], position[2], view)
    qw, qx, qy, qz = read4(quats, i, left, room)
    rotated, size = rotation(qw, qx, qy, qz), read3(log_scales, i, left, room)
    size = (exponential(size[0]), exponential(size[1]), exponential(size[2]))
    axes = camera_axes(rotated[0], size[0], size[1], size[2], view)
    axes_gradient, gx, gy, gz = shape_gradient(form, low, axes, point, view)
    by_quats, by_scales = axes_to_columns(axes_gradient, view, rotated, size)
    by_point, vx, vy = point_gradient(point, (gx, gy, gz), low, high[1], form, view)
    eye = colour_gradient(
        position, sh, outputs[4], row, count, view,
        colour_slopes(last[CLAMPED - 8], low, high, seen), i, left, boxes, room,
    )  # fmt: skip
    gx, gy, gz = by_point
    x, y, z = kept(seen, (
        view[0] * gx + view[3] * gy + view[6] * gz + eye[0],
        view[1] * gx + view[4] * gy + view[7] * gz + eye[1],
        view[2] * gx + view[5] * gy + view[8] * gz + eye[2],
    ))  # fmt: skip
    write3(outputs[0], i, x, y, z)
    x, y, z = kept(seen, (by_quats[1], by_quats[2], by_quats[3]))
    write4(outputs[1], i, keep(seen, by_quats[0]), x, y, z)
    x, y, z = kept(seen, by_scales)
    write3(outputs[2], i, x, y, z)
    store(outputs[3], U(i), keep(seen, low[0] * (ONE - last[OP - 8])))
    write2(outputs[5], i, keep(seen, vx), keep(seen, vy))
    if with_pose:
        add_pose(pose_sums, seen, position, by_point, axes, axes_gradient, eye, room)


@njit(parallel=True, **WRITTEN)
def project_gradient(
    columns, count, view, records, boxes, gradients, with_pose, outputs, pose_sums, room
):
    """Gradients of the raw columns (log_scales and logit_opacity).

    `pose_sums` [W, POSE_SUMS] float64 grows where `with_pose`. All outputs but that of `sh`
    have room for 7 rows more. `room` [W, ROOM]: zeros to work in.
    """
    means, quats, log_scales, _, sh = columns
    rows, workers = means.shape[0], gradients.shape[0]
    for w in prange(workers):
        inputs = (
            address(means, 0), address(quats, 0), address(log_scales, 0),
            address(sh, 0), 3 * sh.shape[1], address(records, 0),
        )  # fmt: skip
        results = (
            address(outputs[0], 0), address(outputs[1], 0), address(outputs[2], 0),
            address(outputs[3], 0), address(outputs[4], 0), address(outputs[5], 0),
        )  # fmt: skip
        sums = (address(gradients, 0), gradients.shape[1] * GRADIENT, workers)
        mine, pose = address(room, w * ROOM), address(pose_sums, w * POSE_SUMS)
        for i in range(share(w, workers, rows), share(w + 1, workers, rows), 8):
            eight_rows(
                i, min(rows - i, 8), inputs, address(view, 0), count, sums, address(boxes, 0),
                results, mine, with_pose, pose,
            )  # fmt: skip
