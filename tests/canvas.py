"""Drawing with the viewport's renderer in tests."""

import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import View
from widgets.viewport.eye import Eye
from widgets.viewport.options import Options
from widgets.viewport.quality import FULL, Quality
from widgets.viewport.renderer import Renderer

BARE = Options(background=(0.0, 0.0, 0.0), grid=False, axes=False, frustums=False)


def eye_of(view: View) -> Eye:
    return Eye.of_photo(view.camera, view.camera_from_scene.double().numpy())


def draw(
    renderer: Renderer, eye: Eye, options: Options = BARE, quality: Quality = FULL
) -> NDArray[np.uint8]:
    """The finished picture [h, w, 4]."""
    drawing = renderer.begin(eye, options, quality)
    while not drawing.advance(1.0):
        pass
    return renderer.pixels()


def psnr(drawn: NDArray[np.uint8], expected: NDArray[np.float32]) -> float:
    """dB between a picture in bytes and one in [0, 1]."""
    error = drawn / 255 - expected.clip(0, 1)
    return float(-10 * np.log10((error**2).mean()))
