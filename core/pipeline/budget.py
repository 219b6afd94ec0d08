"""What a computer's memory can hold of what was asked for: less, rather than an end halfway."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.capture.pixels import fitted_size
from core.pipeline.settings import Settings

# Bytes, measured (docs/performance.md): training a million Gaussians takes 2.4e9 beside the
# libraries; a picture is drawn, compared and measured in some ten planes of numbers.
A_GAUSSIAN = 2500
A_PIXEL = 150
PART = 0.75  # of the free memory: what else runs here wants some as well
PICTURES, PICTURES_PART = (
    10**9,
    0.1,
)  # of pictures in memory: so many bytes, so much of what is free
SMALLEST, FEWEST = 160, 5_000  # pixels on the longer side, Gaussians: with less there is no scene


@dataclass(frozen=True)
class Budget:
    """`settings` that fit; `pictures`: bytes of pictures in memory, more of them go to a file.

    `words` tell the user what is less than was asked for, "" where nothing is.
    """

    settings: Settings
    pictures: int = PICTURES
    words: str = ""


def within(settings: Settings, sizes: Sequence[tuple[int, int]], free: int | None) -> Budget:
    """What of `settings` can be done in `free` bytes, for photos of `sizes` (width, height).

    The pictures' area and the number of Gaussians, which the memory is in proportion to,
    shrink alike. None stands for memory that is not known, and is taken to be enough.
    """
    if free is None:
        return Budget(settings)
    fitted = [fitted_size(*size, settings.max_size) for size in sizes]
    areas = [width * height for width, height in fitted]
    pictures = min(PICTURES, int(PICTURES_PART * free))
    needed = A_GAUSSIAN * settings.max_gaussians + A_PIXEL * max(areas)
    share = PART * free / (needed + min(3 * sum(areas), pictures))
    if share >= 1:
        return Budget(settings, pictures)
    longest = max(max(size) for size in fitted)
    side = min(longest, max(SMALLEST, int(longest * math.sqrt(share))))
    count = min(settings.max_gaussians, max(FEWEST, int(settings.max_gaussians * share)))
    words = (
        f"This computer has {free / 1e9:.1f} GB of memory free: training on pictures of {side} "
        f"instead of {longest} pixels, with at most {count:,} instead of "
        f"{settings.max_gaussians:,} Gaussians. Close other programs for more."
    )
    return Budget(replace(settings, max_size=side, max_gaussians=count), pictures, words)
