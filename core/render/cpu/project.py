"""Gaussians to records: projection, colour and culling, eight rows at a time, in row order."""

from numba import njit, prange

from core.render.cpu.color import colours
from core.render.cpu.elementary import exponential, logarithm
from core.render.cpu.layout import (
    BLUR_F,
    CH,
    CX,
    CY,
    FAINT,
    FAINT_POWER,
    FX,
    FY,
    HALF,
    LIMIT,
    ONE,
    RECORD,
    ROOM,
    TILE_H,
    TILE_W,
    TWO,
    WRITTEN,
    WRITTEN_INLINE,
    ZERO,
    F,
    U,
)
from core.render.cpu.rows import inside, read1, read3, read4, share, write8
from core.render.cpu.vectors import (
    address,
    any_of,
    choose,
    greatest,
    keep,
    least,
    root,
    rounded_down,
    rounded_up,
    spread,
    store,
)
from core.render.render import NEAR

NEAR_F = F(NEAR)


@njit(**WRITTEN_INLINE)
def rotation(w, x, y, z):
    """Rotation matrix of a quaternion, row by row; the quaternion of length 1; one over its own."""
    inverse = ONE / root(w * w + x * x + y * y + z * z)
    w, x, y, z = w * inverse, x * inverse, y * inverse, z * inverse
    turn = (
        ONE - TWO * (y * y + z * z), TWO * (x * y - w * z), TWO * (x * z + w * y),
        TWO * (x * y + w * z), ONE - TWO * (x * x + z * z), TWO * (y * z - w * x),
        TWO * (x * z - w * y), TWO * (y * z + w * x), ONE - TWO * (x * x + y * y),
    )  # fmt: skip
    return turn, (w, x, y, z), inverse


@njit(**WRITTEN_INLINE)
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


@njit(**WRITTEN_INLINE)
def camera_axes(turn, sx, sy, sz, view):
    """The Gaussian's principal axes, scaled, in the camera frame: nine numbers."""
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = turn
    camera = (view[0], view[1], view[2], view[3], view[4], view[5], view[6], view[7], view[8])
    own = (r00 * sx, r01 * sy, r02 * sz, r10 * sx, r11 * sy, r12 * sz, r20 * sx, r21 * sy, r22 * sz)
    return times(camera, own)


@njit(**WRITTEN_INLINE)
def camera_point(x, y, z, view):
    return (
        view[0] * x + view[1] * y + view[2] * z + view[9],
        view[3] * x + view[4] * y + view[5] * z + view[10],
        view[6] * x + view[7] * y + view[8] * z + view[11],
    )


@njit(**WRITTEN_INLINE)
def picture_axes(axes, px, py, inverse_z, view):
    """Axes of the Gaussian on the picture (2 x 3) and the Jacobian's x / z and y / z, clamped."""
    v00, v01, v02, v10, v11, v12, v20, v21, v22 = axes
    tx = least(greatest(px * inverse_z, view[LIMIT]), view[LIMIT + 1])
    ty = least(greatest(py * inverse_z, view[LIMIT + 2]), view[LIMIT + 3])
    jx, jy = view[FX] * inverse_z, view[FY] * inverse_z
    jxz, jyz = -jx * tx, -jy * ty
    return (
        jx * v00 + jxz * v20, jx * v01 + jxz * v21, jx * v02 + jxz * v22,
        jy * v10 + jyz * v20, jy * v11 + jyz * v21, jy * v12 + jyz * v22,
        tx, ty,
    )  # fmt: skip


@njit(**WRITTEN_INLINE)
def tiles_met(gx, gy, half_x, half_y, width, height, seen):
    """How many tiles each box meets, 0 where there is no pixel's centre in it."""
    left = rounded_up(greatest(gx - half_x - HALF, ZERO))
    right = rounded_down(least(gx + half_x - HALF, F(width - 1)))
    top = rounded_up(greatest(gy - half_y - HALF, ZERO))
    bottom = rounded_down(least(gy + half_y - HALF, F(height - 1)))
    across, down = F(1 / TILE_W), F(1 / TILE_H)
    columns = rounded_down(right * across) - rounded_down(left * across) + ONE
    rows = rounded_down(bottom * down) - rounded_down(top * down) + ONE
    return keep(seen & (right >= left) & (bottom >= top), columns * rows)


@njit(**WRITTEN_INLINE)
def shapes(point, turn, scales, log_opacity, view, width, height, seen):
    """The records' parts that describe a shape, and how many tiles it may meet; 0 if unseen."""
    px, py, pz = point
    inverse_z = ONE / pz
    gx, gy = view[FX] * px * inverse_z + view[CX], view[FY] * py * inverse_z + view[CY]
    axes = camera_axes(turn, scales[0], scales[1], scales[2], view)
    u00, u01, u02, u10, u11, u12, _, _ = picture_axes(axes, px, py, inverse_z, view)
    xx = u00 * u00 + u01 * u01 + u02 * u02 + BLUR_F
    xy = u00 * u10 + u01 * u11 + u02 * u12
    yy = u10 * u10 + u11 * u11 + u12 * u12 + BLUR_F
    determinant = xx * yy - xy * xy
    # Written so that NaN fails as well, and one bad row cannot spin the tile loops.
    seen = seen & (determinant > F(1e-10)) & (F(1e12) > xx) & (F(1e12) > yy)
    reach = TWO * log_opacity - F(16) * FAINT_POWER
    half_x, half_y = root(reach * xx), root(reach * yy)
    seen = seen & (gx + half_x > ZERO) & (gy + half_y > ZERO)
    seen = seen & (F(width) > gx - half_x) & (F(height) > gy - half_y)
    met = tiles_met(gx, gy, half_x, half_y, width, height, seen)
    eighth = ONE / (F(8) * determinant)
    form = (-HALF * yy * eighth, xy * eighth, -HALF * xx * eighth)
    return met, (gx, gy), form, (xx, xy, yy), greatest(half_x, half_y)


@njit(**WRITTEN_INLINE)
def eight_rows(i, left, inputs, count, view, width, height, outputs, room):
    """Rows i to i + 8, of which `left` are there."""
    means, quats, log_scales, logits, sh, row = inputs
    records, boxes = outputs
    x, y, z = read3(means, i, left, room)
    point = camera_point(x, y, z, view)
    opacity = ONE / (ONE + exponential(-read1(logits, i, left, room)))
    log_opacity = logarithm(opacity)
    seen = inside(left) & (point[2] > NEAR_F) & (opacity > FAINT)
    size = read3(log_scales, i, left, room)
    scales = (exponential(size[0]), exponential(size[1]), exponential(size[2]))
    qw, qx, qy, qz = read4(quats, i, left, room)
    turn, _, _ = rotation(qw, qx, qy, qz)
    met, centre, form, covariance, radius = shapes(
        point, turn, scales, log_opacity, view, width, height, seen
    )
    store(room, U(0), met)
    for k in range(left):
        boxes[i + k] = int(room[k])
    if any_of(met > ZERO):
        r, g, b = colours(x, y, z, sh, row, count, view, i, left, boxes, room)
        clamped = choose(r >= ZERO, spread(ZERO), spread(ONE))
        clamped = clamped + choose(g >= ZERO, spread(ZERO), spread(TWO))
        clamped = clamped + choose(b >= ZERO, spread(ZERO), spread(F(4)))
        r, g, b = greatest(r, ZERO), greatest(g, ZERO), greatest(b, ZERO)
        write8(
            records, i * RECORD, centre[0], centre[1], form[0], form[1], form[2],
            log_opacity * F(0.125), r, g,
        )  # fmt: skip
        write8(
            records, i * RECORD + 8, b, point[2], covariance[0], covariance[1], covariance[2],
            opacity, radius, clamped,
        )  # fmt: skip


@njit(parallel=True, **WRITTEN)
def project(columns, count, view, width, height, records, depths, boxes, visible, found, room):
    """Write a record for each row that the view can see, and list those rows.

    Worker w lists its rows in `visible` from the first row of its share on, `found[w]` of
    them; `boxes` holds the tiles each may meet, 0 for rows out of sight. `records`
    and `boxes` have room for 7 rows more. `room` [W, ROOM]:
    zeros to work in.
    """
    means, quats, log_scales, logits, sh = columns
    rows, workers = means.shape[0], len(found)
    for w in prange(workers):
        listed = low = share(w, workers, rows)
        inputs = (
            address(means, 0), address(quats, 0), address(log_scales, 0), address(logits, 0),
            address(sh, 0), 3 * sh.shape[1],
        )  # fmt: skip
        outputs = (address(records, 0), address(boxes, 0))
        mine = address(room, w * ROOM)
        for i in range(low, share(w + 1, workers, rows), 8):
            left = min(rows - i, 8)
            eight_rows(i, left, inputs, count, address(view, 0), width, height, outputs, mine)
            for k in range(i, i + left):
                if boxes[k] > 0:
                    depths[k] = records[k, CH + 3]
                    visible[listed] = k
                    listed += 1
        found[w] = listed - low
