"""How the CPU kernels lay out their memory, and the options every one of them is compiled with.

Kernels are float32 throughout: constants are wrapped in F so that Numba does not
promote to float64.
"""

import math

import numba
import numpy as np

from core.render.render import ALPHA_MAX, ALPHA_MIN, BLUR, LIGHT_MIN

# OpenMP comes with Numba's wheels; Intel's TBB, its first choice, is often there too old to use.
numba.config.THREADING_LAYER_PRIORITY = [  # type: ignore[attr-defined]  # set at run time
    "omp",
    "workqueue",
    "tbb",
]

F = np.float32
U = np.uint64  # unsigned indices: LLVM drops the wrap-around check for negative ones
JIT = {
    "fastmath": True,
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
}
# For kernels of hand-laid vectors: as written, but for products and sums in one instruction.
WRITTEN = {**JIT, "fastmath": {"nsz", "contract"}}
# For the small functions that kernels are made of: a call with an array costs ten arguments.
WRITTEN_INLINE = {
    **WRITTEN,
    "forceinline": True,
    "cache": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}

ZERO, HALF, ONE, TWO = F(0), F(0.5), F(1), F(2)
BLUR_F = F(BLUR)
OPAQUE = F(ALPHA_MAX)
DARK = F(LIGHT_MIN)
FAINT = F(ALPHA_MIN)

# A tile is as wide as an AVX2 register, so that few lanes fall beside a Gaussian, and high, so
# that it has few entries: 31 % less time than 16 x 16 where there is no AVX-512.
TILE_W, TILE_H = 8, 32  # pixels
BATCH = 32  # entries gathered at once, so that their cache misses overlap

# One Gaussian's record: a cache line of 16 floats.
# centre x, y; quadratic form A, B, C and log opacity, all / 8 (see `exp8`); four
# channels (r, g, b, z); covariance xx, xy, yy; opacity; radius; bits of clamped colours.
X, Y, QA, QB, QC, LOGA, CH = 0, 1, 2, 3, 4, 5, 6
CXX, CXY, CYY, OP, RADIUS, CLAMPED = 10, 11, 12, 13, 14, 15
RECORD = 16

# One Gaussian's gradient on the picture: power; times dx, dy, dx^2, dx dy, dy^2; channels.
GRADIENT = 16

# A tile's working buffer: for each row of pixels its light, its four channels (or their gradients)
# and what remains to be seen, one vector each.
LIGHT, C0, C1, C2, C3, REMAIN = 0, 8, 16, 24, 32, 40
ROW = 48
TILE = TILE_H * ROW

# What a worker needs to hold eight rows of a table: the basis of their colours [128], weights
# [128], sums [24 x 8], and a row's coefficients, 0 beyond those in use [48].
ROOM, ROOM_WEIGHTS, ROOM_SUMS, ROOM_SH = 512, 128, 256, 448

# A view as 24 floats: rotation (9), translation (3), fx, fy, cx, cy, camera centre (3),
# limits of x / z and y / z for the Jacobian (low x, high x, low y, high y), unused.
FX, FY, CX, CY, EYE, LIMIT = 12, 13, 14, 15, 16, 19
VIEW = 24

# alpha = exp(power) = (polynomial(power / 8))^8 for power / 8 in [-0.7, 0]; a
# minimax fit of degree 5, relative error 6e-7.
E0, E1, E2, E3, E4, E5 = (
    F(0.9999999205120385),
    F(0.9999925392584562),
    F(0.49988258678632697),
    F(0.1659739733387204),
    F(0.039772558487940805),
    F(0.005846758341857851),
)
FAINT_POWER = F(math.log(ALPHA_MIN) / 8)
# Only a Gaussian with more log opacity than this can have an alpha to be clamped.
OPAQUE_POWER = F((math.log(ALPHA_MAX) - 1e-4) / 8)
