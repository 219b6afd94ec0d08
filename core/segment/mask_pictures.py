"""Masks in picture files: read strictly, whatever their kind, and written as indexed PNG."""

import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from core.capture.pixels import MOST_PIXELS
from core.errors import UserError
from core.project.files import replaced

FORMATS = ("PNG", "TIFF", "BMP")  # none that loses anything
SUFFIXES = (".png", ".tif", ".tiff", ".bmp")
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error)


@dataclass(frozen=True, eq=False)
class MaskPicture:
    """What a file holds: `numbers` [H, W] of a grey or indexed picture, `alpha` [H, W] of others.

    `indexed`: whether the numbers are places in a palette, not brightness.
    """

    numbers: NDArray[np.integer] | None
    alpha: NDArray[np.uint8] | None = None
    indexed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)"""
        found = self.numbers if self.numbers is not None else self.alpha
        assert found is not None
        return found.shape[0], found.shape[1]


def read_picture(path: Path) -> MaskPicture:
    """The numbers in the file at `path`, to its last pixel. Raises `UserError`."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise UserError(
                        f"The mask {path.name} is {image.width} x {image.height} pixels.",
                        hint="A mask has the size of its photo.",
                    )
                image.load()
                return _content(image, path)
    except UnidentifiedImageError as error:
        raise UserError(
            f"The mask {path.name} is not a PNG, TIFF or BMP picture, or its beginning is damaged.",
            hint="Masks as JPEG lose their edges; write them as PNG.",
        ) from error
    except DAMAGE as error:
        if isinstance(error, OSError) and error.strerror:
            raise UserError(
                f"The mask {path.name} cannot be read: {error.strerror}.",
                hint="Check that the file is there and that you may read it.",
            ) from error
        raise UserError(
            f"The mask {path.name} is cut off or damaged ({str(error).strip()}).",
            hint="Write it anew from the program that made it.",
        ) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before


def write_indexed(path: Path, indices: NDArray[np.uint8], colors: Sequence[str]) -> None:
    """Write `indices` [H, W] as a PNG with the palette `colors` ("#rrggbb"). Raises `UserError`."""
    image = Image.fromarray(indices, "P")
    palette = [int(color[i : i + 2], 16) for color in colors for i in (1, 3, 5)]
    image.putpalette(palette)
    write_image(path, image)


def write_image(path: Path, image: Image.Image) -> None:
    """Write a PNG, which is whole or absent. Raises `UserError`."""
    with replaced(path) as file:
        image.save(file, "PNG", compress_level=4)


def _content(image: Image.Image, path: Path) -> MaskPicture:
    match image.mode:
        case "P":
            return MaskPicture(np.asarray(image), indexed=True)
        case "1":
            return MaskPicture(np.asarray(image).astype(np.uint8) * np.uint8(255))
        case "L" | "I" | "I;16" | "I;16B" | "I;16L" | "I;16N":
            return MaskPicture(np.asarray(image).astype(np.int32))
        case "LA" | "RGBA" | "PA":
            return MaskPicture(None, np.asarray(image.convert("RGBA"))[..., 3])
        case "RGB":
            pixels = np.asarray(image)
            if (pixels == pixels[..., :1]).all():  # grey, as some programs write it
                return MaskPicture(pixels[..., 0])
    raise UserError(
        f"The mask {path.name} is a picture in colour without an alpha channel.",
        hint="A mask is a grey or an indexed PNG, or has an alpha channel.",
    )
