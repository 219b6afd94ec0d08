"""The columns of SPZ files, to bytes and back: fixed point, logarithms, smallest three.

After Niantic's public description of the format; versions differ in places and rotations.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

FARTHEST = 2**23 - 1  # fixed-point steps from the origin
SCALE_STEPS, SCALE_LOW = 16, 10  # a byte for each sixteenth of a natural logarithm, from -10
COLOR_SPREAD = 0.15  # of a coefficient of degree 0, so that a byte reaches beyond black and white
SH_STEPS = 128  # a byte reaches from -1 to 1
HALF = np.float32(np.sqrt(0.5))  # no component but the largest is above it
MOST = 511  # the steps of a component of a rotation
# Half a step from 0 and from 1, where the logit would be infinite.
FAINTEST, DENSEST = 0.5 / 255, 254.5 / 255


def pack_positions(means: Floats, bits: int) -> Bytes:
    """[N, 9]: three signed numbers of 24 bits, `bits` of them behind the point."""
    steps = np.round(means.astype(np.float64) * 2.0**bits).clip(-FARTHEST, FARTHEST)
    words = np.ascontiguousarray(steps.astype("<i4")).view(np.uint8)
    return words.reshape(len(means), 3, 4)[..., :3].reshape(len(means), 9)


def unpack_positions(data: Bytes, bits: int) -> Floats:
    """Of [N, 9] the positions [N, 3]."""
    words = np.zeros((len(data), 3, 4), np.uint8)
    words[..., 1:] = data.reshape(len(data), 3, 3)
    # The sign comes down with the shift.
    steps = words.view("<i4")[..., 0] >> 8
    return (steps.astype(np.float64) / 2.0**bits).astype(np.float32)


def unpack_half_positions(data: Bytes) -> Floats:
    """Of [N, 6] the positions [N, 3], as version 1 has them: floats of 16 bits."""
    return np.ascontiguousarray(data).view("<f2").astype(np.float32)


def pack_alphas(logits: Floats) -> Bytes:
    """[N, 1]: opacities."""
    alpha = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return _byte(alpha * 255)[:, None]


def unpack_alphas(data: Bytes) -> Floats:
    """Of [N, 1] the logits [N], finite."""
    alpha = (data[:, 0] / np.float64(255)).clip(FAINTEST, DENSEST)
    return np.asarray(np.log(alpha / (1 - alpha)), np.float32)


def pack_colors(dc: Floats) -> Bytes:
    """[N, 3]: coefficients of degree 0."""
    return _byte((dc * COLOR_SPREAD + 0.5) * 255)


def unpack_colors(data: Bytes) -> Floats:
    """Of [N, 3] the coefficients of degree 0."""
    return ((data / np.float32(255) - np.float32(0.5)) / np.float32(COLOR_SPREAD)).astype(
        np.float32
    )


def pack_scales(log_scales: Floats) -> Bytes:
    """[N, 3]: logarithms of the standard deviations."""
    return _byte((log_scales + SCALE_LOW) * SCALE_STEPS)


def unpack_scales(data: Bytes) -> Floats:
    """Of [N, 3] the logarithms."""
    return (data / np.float32(SCALE_STEPS) - np.float32(SCALE_LOW)).astype(np.float32)


def pack_quats(quats: Floats) -> Bytes:
    """[N, 4] from (w, x, y, z): which of x, y, z, w is the largest, then sign and size of the rest.

    The largest's number is at the top of the word; the others follow in their order, ten bits each.
    """
    unit = quats / np.linalg.norm(quats, axis=1, keepdims=True).clip(1e-30)
    unit = unit[:, [1, 2, 3, 0]]
    largest = np.abs(unit).argmax(axis=1)
    rows = np.arange(len(unit))
    unit = np.where((unit[rows, largest] < 0)[:, None], -unit, unit)
    words = largest.astype(np.uint32)
    sizes = np.floor(np.abs(unit) / HALF * MOST + 0.5).clip(0, MOST).astype(np.uint32)
    parts = sizes | ((unit < 0).astype(np.uint32) << np.uint32(9))
    for i in range(4):
        words = np.where(largest == i, words, words << np.uint32(10) | parts[:, i])
    return np.ascontiguousarray(words.astype("<u4")).view(np.uint8).reshape(len(quats), 4)


def unpack_quats(data: Bytes) -> Floats:
    """Of [N, 4] unit quaternions (w, x, y, z)."""
    words = np.ascontiguousarray(data).view("<u4")[:, 0].astype(np.uint32)
    largest = words >> 30
    quats = np.zeros((len(words), 4), np.float32)
    for i in reversed(range(4)):
        small = (words & 511) * (HALF / np.float32(MOST))
        signed = np.where(words & 512, -small, small)
        here = largest != i
        quats[here, i] = signed[here]
        words = np.where(here, words >> np.uint32(10), words)
    rest = np.sqrt((1 - (quats**2).sum(axis=1)).clip(min=0))
    quats[np.arange(len(quats)), largest] = rest
    return _unit(quats)


def unpack_first_quats(data: Bytes) -> Floats:
    """Of [N, 3] unit quaternions, as versions 1 and 2 have them: x, y and z where w >= 0."""
    quats = np.empty((len(data), 4), np.float32)
    quats[:, :3] = data / np.float32(127.5) - 1
    quats[:, 3] = np.sqrt((1 - (quats[:, :3] ** 2).sum(axis=1)).clip(min=0))
    return _unit(quats)


def pack_rest(rest: Floats, first_bits: int, other_bits: int) -> Bytes:
    """[N, 3 (K - 1)] of higher coefficients [N, K - 1, 3], so many bits for degree 1 and above.

    Bits that are not used are 0, so that the compression behind it takes them for nothing.
    """
    bits = np.where(np.arange(rest.shape[1]) < 3, first_bits, other_bits)
    step = (1 << (8 - bits))[:, None]
    steps = np.round(rest * SH_STEPS).astype(np.int64) + SH_STEPS
    rounded = (steps + step // 2) // step * step
    levels: Bytes = rounded.clip(0, 255).astype(np.uint8)
    return levels.reshape(len(rest), rest.shape[1] * 3)


def unpack_rest(data: Bytes) -> Floats:
    """Of [N, 3 (K - 1)] the higher coefficients [N, K - 1, 3]."""
    rest = (data.astype(np.float32) - np.float32(SH_STEPS)) / np.float32(SH_STEPS)
    return rest.reshape(len(data), data.shape[1] // 3, 3)


def _byte(values: NDArray[np.floating]) -> Bytes:
    return np.round(values).clip(0, 255).astype(np.uint8)


def _unit(xyzw: Floats) -> Floats:
    """(x, y, z, w) of any length but 0 as unit (w, x, y, z)."""
    return np.asarray(xyzw[:, [3, 0, 1, 2]] / np.linalg.norm(xyzw, axis=1, keepdims=True))
