"""From linear light to the phone's picture: vignette, exposure, tone curve, noise."""

import cv2
import numpy as np

from resources.room.noise import Floats, Picture


def developed(radiance: Floats, *, gain: float, balance: Floats, seed: int) -> Picture:
    """An sRGB photo of `radiance` [H, W, 3], brightened by `gain`, channels scaled by `balance`."""
    rng = np.random.default_rng(seed)
    height, width = radiance.shape[:2]
    soft = cv2.GaussianBlur(radiance, (0, 0), 0.45)
    light = soft * (gain * balance) * _vignette(height, width)[..., None]
    light = light + rng.normal(size=light.shape) * np.sqrt(4e-6 + 6e-5 * np.maximum(light, 0))
    values = encoded(_shouldered(np.maximum(light, 0)))
    return np.clip(np.round(values * 255), 0, 255).astype(np.uint8)


def auto_gain(radiance: Floats, *, aim: float = 0.225) -> float:
    """Exposure that brings the middle of the picture's brightness to `aim`, half-heartedly."""
    height, width = radiance.shape[:2]
    middle = radiance[height // 5 : -height // 5, width // 5 : -width // 5]
    return float(aim / np.exp(np.log(middle.mean(-1) + 1e-3).mean()))


def encoded(linear: Floats) -> Floats:
    """Linear light in [0, 1] as sRGB values."""
    high = 1.055 * np.maximum(linear, 1e-6) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, high), np.float32)


def _shouldered(light: Floats, knee: float = 0.45) -> Floats:
    """Light above `knee` bends towards 1 and never gets there."""
    over = 1 - np.exp(-(np.maximum(light, knee) - knee) / (1 - knee))
    return np.asarray(np.where(light < knee, light, knee + (1 - knee) * over), np.float32)


def _vignette(height: int, width: int) -> Floats:
    """Light that reaches the corners: about 14 % less than the middle."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    square = ((x + 0.5) / width - 0.5) ** 2 * 4 + ((y + 0.5) / height - 0.5) ** 2 * 4
    return np.asarray(1 / (1 + 0.08 * square), np.float32)
