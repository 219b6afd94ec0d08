"""Pictures packed for fast sampling: the four greys around a place in one word.

One load in place of four, and between the loads nothing that keeps LLVM from using vectors: 3.5
times as fast as reading four floats.
"""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.render.cpu.layout import JIT, ZERO, F, U

BYTE = np.uint32(255)
WORD = np.int32
INLINE = {**JIT, "cache": False, "forceinline": True}
INLINE.update(no_cpython_wrapper=True, no_cfunc_wrapper=True)


def packed(stack: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Greys [S, h, w] in [0, 255] as words [S * h * w]: here, right, below, below right."""
    bytes_ = np.clip(np.rint(stack), 0, 255).astype(np.uint32)
    right = np.concatenate([bytes_[:, :, 1:], bytes_[:, :, -1:]], axis=2)
    both = bytes_ | right << 8
    below = np.concatenate([both[:, 1:], both[:, -1:]], axis=1)
    return (both | below << 16).reshape(-1)


@njit(**INLINE)
def locate(u, v, right, low, base, stride, k, spots, parts):
    """Note where (u, v), moved into the picture, is read: its word, and the way to the next."""
    p, q = min(max(u, ZERO), right), min(max(v, ZERO), low)
    i, j = np.floor(p), np.floor(q)
    spots[k] = base + WORD(j * stride + i)
    parts[0, k], parts[1, k] = p - i, q - j


@njit(**INLINE)
def fetch(words, spots, taken):
    for k in range(U(0), U(len(spots))):
        taken[k] = words[U(spots[k])]


@njit(**INLINE)
def between(word, p, q):
    """The grey between four."""
    a, b = F(WORD(word & BYTE)), F(WORD((word >> np.uint32(8)) & BYTE))
    c, d = F(WORD((word >> np.uint32(16)) & BYTE)), F(WORD(word >> np.uint32(24)))
    top, bottom = a + p * (b - a), c + p * (d - c)
    return top + q * (bottom - top)
