"""Triangles drawn into their own picture: which one covers the middle of each texel."""

import numpy as np
from numba import njit


@njit(cache=True)
def cover(corners, face_of, shares):
    """Write to `face_of` [H, W] the triangle (-1: none) and to `shares` [H, W, 3] where in it.

    `corners` [F, 3, 2] float64: in texels, the first one's middle at (0.5, 0.5).
    """
    height, width = face_of.shape
    for f in range(corners.shape[0]):
        ax, ay = corners[f, 0, 0], corners[f, 0, 1]
        bx, by = corners[f, 1, 0], corners[f, 1, 1]
        cx, cy = corners[f, 2, 0], corners[f, 2, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0.0:
            continue
        left = max(int(np.floor(min(ax, bx, cx) - 0.5)), 0)
        right = min(int(np.ceil(max(ax, bx, cx) - 0.5)) + 1, width)
        top = max(int(np.floor(min(ay, by, cy) - 0.5)), 0)
        bottom = min(int(np.ceil(max(ay, by, cy) - 0.5)) + 1, height)
        for y in range(top, bottom):
            py = y + 0.5
            for x in range(left, right):
                px = x + 0.5
                a = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
                b = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
                c = 1.0 - a - b
                if a >= -1e-9 and b >= -1e-9 and c >= -1e-9:
                    face_of[y, x] = f
                    shares[y, x, 0] = a
                    shares[y, x, 1] = b
                    shares[y, x, 2] = c
