"""Seeded noise whose opposite edges meet, and colours mixed by it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]


def spectral(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    slope: float = 1.0,
    coarsest: float = 0.5,
    stretch: float = 1.0,
) -> Floats:
    """Noise [height, width] with mean 0 and deviation 1, seamless when tiled.

    Its amplitude falls with frequency to the power `slope`; nothing is larger
    than `coarsest` of the picture's height; features are `stretch` times longer
    along x than along y.
    """
    fy = np.fft.fftfreq(height)[:, None] * height
    fx = np.fft.rfftfreq(width)[None, :] * height * stretch
    frequency = np.hypot(fy, fx)
    floor = 1.0 / coarsest
    gain = np.where(frequency < floor, 0.0, np.maximum(frequency, floor) ** -slope)
    shape = (height, width)
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) * gain, shape)
    spread = float(noise.std())
    return np.asarray((noise - noise.mean()) / (spread if spread > 0 else 1.0), np.float32)


def colour(code: str) -> Floats:
    """sRGB values [3] in 0..255 of a colour written as "c8a06a"."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32)


def mixed(amount: Floats, low: str, high: str) -> Floats:
    """sRGB values [H, W, 3] from colour `low` at amount 0 to `high` at amount 1."""
    part = np.clip(amount, 0.0, 1.0)[..., None]
    return colour(low) * (1 - part) + colour(high) * part


def shaded(values: Floats, factor: Floats) -> Floats:
    """`values` [H, W, 3] made brighter or darker by `factor` [H, W]."""
    return values * factor[..., None]


def picture(values: Floats) -> Picture:
    """`values` [H, W, 3] as an 8-bit sRGB picture."""
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
