"""The loops over all splats: packing, sorting and picking. Compiled; other threads may run."""
# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import math

import numpy as np
from numba import njit

from core.gaussians.provenance import Origin
from core.render.render import ALPHA_MAX, ALPHA_MIN, BLUR

JIT = {"nogil": True, "cache": True, "error_model": "numpy", "boundscheck": False}
KEYS = 1 << 16  # of the counting sort
FURTHEST = np.float32(1e30)  # scene units: what lies beyond is no number, or no use
# Natural logarithms of standard deviations, in 65536 steps: from 4e-11 to 2.6e10 scene units,
# each at most 0.04 % off.
LOG_LOW, LOG_HIGH = -24.0, 24.0
LOG_STEP = (LOG_HIGH - LOG_LOW) / 65535
NO_OBJECT = 0xFFFF
CERTAIN = 255
FILLED = np.uint32(Origin.FILLED)


@njit(**JIT)
def pack_shapes(means, quats, log_scales, logit_opacity, object_id, origin, confidence, shapes):
    step = np.float32(1 / LOG_STEP)
    for i in range(len(means)):
        w, x, y, z = quats[i, 0], quats[i, 1], quats[i, 2], quats[i, 3]
        unit = np.float32(32767) / np.float32(max(math.sqrt(w * w + x * x + y * y + z * z), 1e-20))
        opacity = np.float32(65535) / (np.float32(1) + math.exp(-logit_opacity[i]))
        for k in range(3):
            shapes[i, k] = means[i, k]
        shapes[i, 3] = _marks(object_id[i], origin[i], confidence[i])
        shapes[i, 4] = _pair(_signed(w * unit), _signed(x * unit))
        shapes[i, 5] = _pair(_signed(y * unit), _signed(z * unit))
        shapes[i, 6] = _pair(
            _unsigned((log_scales[i, 0] - np.float32(LOG_LOW)) * step),
            _unsigned((log_scales[i, 1] - np.float32(LOG_LOW)) * step),
        )
        shapes[i, 7] = _pair(
            _unsigned((log_scales[i, 2] - np.float32(LOG_LOW)) * step), _unsigned(opacity)
        )
    shapes[len(means) :] = 0


@njit(**JIT)
def _marks(object_id, origin, confidence):
    """Sixteen bits for the object, two for the origin, eight for the confidence.

    An object beyond 65534 is none that is known. CERTAIN is kept for what was never judged.
    """
    whose = np.uint32(object_id) if 0 <= object_id < NO_OBJECT else np.uint32(NO_OBJECT)
    part = np.float32(confidence) * np.float32(CERTAIN)
    sure = np.uint32(CERTAIN) if confidence >= 1 else np.uint32(part if part > 0 else 0)
    return whose | (np.uint32(origin & 3) << np.uint32(16)) | (sure << np.uint32(24))


@njit(**JIT)
def _pair(low, high):
    return np.uint32(low) | (np.uint32(high) << np.uint32(16))


@njit(**JIT)
def _unsigned(value):
    # Written so that NaN becomes 0.
    return np.uint32(min(value, np.float32(65535)) + np.float32(0.5)) if value > 0 else np.uint32(0)


@njit(**JIT)
def _signed(value):
    """Two's complement in 16 bits; NaN becomes 0."""
    if not -np.float32(32767.5) < value < np.float32(32767.5):
        return np.uint32(0)
    return np.uint32(np.int32(math.floor(value + np.float32(0.5)))) & np.uint32(0xFFFF)


@njit(**JIT)
def pack_colors(sh, colors):
    count = sh.shape[1]
    for i in range(len(sh)):
        for word in range(colors.shape[1]):
            first = 2 * word
            low = _half(sh[i, first]) if first < count else np.uint32(0)
            high = _half(sh[i, first + 1]) if first + 1 < count else np.uint32(0)
            colors[i, word] = low | (high << np.uint32(16))
    colors[len(sh) :] = 0


@njit(**JIT)
def _half(bits):
    """The float32 of these bits as a half float's; tiny ones become 0, huge ones the largest."""
    sign = (bits >> np.uint32(16)) & np.uint32(0x8000)
    magnitude = bits & np.uint32(0x7FFFFFFF)
    if magnitude > np.uint32(0x7F800000):
        return np.uint32(0)
    if magnitude < np.uint32(0x38800000):  # 2^-14
        return sign
    if magnitude > np.uint32(0x477FE000):  # 65504
        return sign | np.uint32(0x7BFF)
    rounded = magnitude + np.uint32(0x0FFF) + ((magnitude >> np.uint32(13)) & np.uint32(1))
    return sign | ((rounded - np.uint32(0x38000000)) >> np.uint32(13))


@njit(**JIT, fastmath={"nsz", "arcp", "contract", "reassoc"})
def depths_before(means, row, near, depths, rows):
    """List the rows before the eye with their z; how many, and the least and greatest z."""
    a, b, c, d = row[0], row[1], row[2], row[3]
    count = 0
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for i in range(len(means)):
        z = a * means[i, 0] + b * means[i, 1] + c * means[i, 2] + d
        depths[count] = z
        rows[count] = i
        if near < z < FURTHEST:
            count += 1
            low = min(low, z)
            high = max(high, z)
    return count, low, high


@njit(**JIT)
def placed_before(means, rows, slots, lines, near, depths, listed):
    """As `depths_before`, of instances: `lines` [S, 4] lead from a slot's rows to z."""
    count = 0
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for v in range(len(rows)):
        i, s = rows[v], slots[v]
        z = lines[s, 0] * means[i, 0] + lines[s, 1] * means[i, 1] + lines[s, 2] * means[i, 2]
        z += lines[s, 3]
        depths[count] = z
        listed[count] = v
        if near < z < FURTHEST:
            count += 1
            low = min(low, z)
            high = max(high, z)
    return count, low, high


@njit(**JIT)
def sort_by_depth(depths, rows, shift, low, high, keys, starts, order):
    """Counting sort, stable; `starts` is scratch."""
    starts[:] = 0
    count = len(depths)
    ends = np.empty(2, np.float32)
    ends[0], ends[1] = low + shift, high + shift
    bits = ends.view(np.int32)
    first = bits[1]
    scale = np.float32(KEYS - 1) / np.float32(max(bits[1] - bits[0], 1))
    shifted = np.empty(1, np.float32)
    pattern = shifted.view(np.int32)
    for i in range(count):
        shifted[0] = depths[i] + shift
        key = min(max(np.int32(np.float32(first - pattern[0]) * scale), 0), KEYS - 1)
        keys[i] = key
        starts[key] += 1
    total = np.uint32(0)
    for key in range(KEYS):
        here = starts[key]
        starts[key] = total
        total += here
    for i in range(count):
        place = starts[keys[i]]
        starts[keys[i]] = place + np.uint32(1)
        order[place] = rows[i]


@njit(**JIT)
def keep_thinned(order, thin, kept):
    count = 0
    for i in range(len(order)):
        kept[count] = order[i]
        if order[i] % thin == 0:
            count += 1
    return count


@njit(**JIT)
def alphas_at(means, shapes, rows, slots, views, orthographic, filled, x, y, depths, alphas, found):
    """List z, alpha and slot at pixel (x, y) of the instances that show there; how many.

    `views` [S, 22]: the eye as each slot's splats have it. Those that were FILLED or IMAGINED count
    only with `filled`.
    """
    one = np.float32(1)
    fx, fy, cx, cy = views[0, 12], views[0, 13], views[0, 14], views[0, 15]
    count = 0
    for v in range(len(rows)):
        i = rows[v]
        view = views[slots[v]]
        if view[21] == 0:
            continue
        px, py, pz = means[i, 0], means[i, 1], means[i, 2]
        z = view[6] * px + view[7] * py + view[8] * pz + view[11]
        opacity = np.float32(shapes[i, 7] >> 16) / np.float32(65535)
        if not (z > view[20] and opacity > np.float32(ALPHA_MIN)):
            continue
        if not filled and (shapes[i, 3] >> np.uint32(16)) & np.uint32(3) >= FILLED:
            continue
        over = one if orthographic else one / z
        tx = (view[0] * px + view[1] * py + view[2] * pz + view[9]) * over
        ty = (view[3] * px + view[4] * py + view[5] * pz + view[10]) * over
        dx, dy = x - (fx * tx + cx), y - (fy * ty + cy)
        sizes = shapes[i, 6] & 0xFFFF, shapes[i, 6] >> 16, shapes[i, 7] & 0xFFFF
        widest = max(np.int64(sizes[0]), np.int64(sizes[1]), np.int64(sizes[2]))
        # No further than this many pixels from its centre, roughly and generously.
        stretch = one if orthographic else one + min(abs(tx), 9) + min(abs(ty), 9)
        reach = 3.4 * (view[21] * _scale(widest) * max(fx, fy) * over * stretch + 0.6)
        if dx * dx + dy * dy > reach * reach:
            continue
        if orthographic:
            xx, xy, yy = _flat(shapes, i, view, fx, fy, np.float32(0), np.float32(0))
        else:
            jx, jy = fx * over, fy * over
            sx, sy = min(max(tx, view[16]), view[17]), min(max(ty, view[18]), view[19])
            xx, xy, yy = _flat(shapes, i, view, jx, jy, -jx * sx, -jy * sy)
        determinant = xx * yy - xy * xy
        power = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (2 * determinant)
        alpha = min(opacity * math.exp(-power), ALPHA_MAX)
        if alpha >= ALPHA_MIN:
            depths[count] = z
            alphas[count] = alpha
            found[count] = slots[v]
            count += 1
    return count


@njit(**JIT)
def _scale(word):
    return math.exp(np.float32(word & 0xFFFF) * np.float32(LOG_STEP) + np.float32(LOG_LOW))


@njit(**JIT)
def _signed_of(word):
    value = np.int32(word & 0xFFFF)
    return np.float32(value - 65536 if value > 32767 else value) / np.float32(32767)


@njit(**JIT)
def _flat(shapes, i, view, jx, jy, jxz, jyz):
    """Covariance xx, xy, yy in pixels^2 of row i under a Jacobian with these entries."""
    w, x = _signed_of(shapes[i, 4]), _signed_of(shapes[i, 4] >> 16)
    y, z = _signed_of(shapes[i, 5]), _signed_of(shapes[i, 5] >> 16)
    rotation = (
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    )  # fmt: skip
    sizes = (_scale(shapes[i, 6]), _scale(shapes[i, 6] >> 16), _scale(shapes[i, 7]))
    xx, xy, yy = np.float32(BLUR), np.float32(0), np.float32(BLUR)
    for k in range(3):
        a, b, c = rotation[k], rotation[3 + k], rotation[6 + k]
        size = sizes[k]
        right = (view[0] * a + view[1] * b + view[2] * c) * size
        down = (view[3] * a + view[4] * b + view[5] * c) * size
        ahead = (view[6] * a + view[7] * b + view[8] * c) * size
        u, v = jx * right + jxz * ahead, jy * down + jyz * ahead
        xx += u * u
        xy += u * v
        yy += v * v
    return xx, xy, yy
