"""The pixels of a picture file: read whole and upright as 8-bit RGB, or refused with a reason."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.capture.photos import Photo
from core.errors import UserError

pillow_heif.register_heif_opener()

Pixels = NDArray[np.uint8]

# Only these (JPEG covers MPO): Pillow would also run Ghostscript on an EPS named .jpg.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "BMP")
JPEG_FORMATS = ("JPEG", "MPO")
SMALLEST_SIDE = 64
LONGEST_ASPECT = 8.0  # pycolmap corrupts its heap when it shrinks very thin pictures
MOST_PIXELS = 210_000_000  # the largest phone sensors have 200 megapixels
ORIENTATION_TAG = 0x0112
GREY = 128  # what JPEG decoders paint where data is missing

# Everything Pillow's decoders are known to raise on damaged files.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    EOFError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)


class Unusable(Exception):
    """A picture file that cannot serve; its text says why, in words for the user."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded file. `pixels` [h, w, 3] uint8 RGB, upright, perhaps smaller than the file's.

    `width` and `height`: size of the whole picture, upright.
    """

    pixels: Pixels
    width: int
    height: int
    exif: Image.Exif


def load_pixels(photo: Photo, max_side: int | None = None) -> Pixels:
    """`photo` upright as RGB [H, W, 3] uint8, its longer side at most `max_side` pixels.

    The size is `fitted_size(photo.width, photo.height, max_side)`; nothing is
    enlarged. 16-bit, CMYK, grey and palette pictures become 8-bit RGB;
    transparent ones are laid on white. Raises `UserError` when the file is no
    longer what it was when it was found.
    """
    try:
        picture = read_picture(photo.path, None if max_side is None else 2 * max_side)
    except Unusable as error:
        raise UserError(
            f"{photo.name} can no longer be read: {error}", hint=f"Restore {photo.path}."
        ) from error
    if (picture.width, picture.height) != (photo.width, photo.height):
        raise UserError(
            f"{photo.name} was {photo.width} x {photo.height} pixels and is now "
            f"{picture.width} x {picture.height}.",
            hint=f"Restore {photo.path}, or start again with the new photos.",
        )
    return shrunk(picture.pixels, *fitted_size(photo.width, photo.height, max_side))


def normalised_copy(photo: Photo, path: Path, max_side: int | None = None) -> tuple[int, int]:
    """Write `photo` to `path` as a plain 8-bit RGB picture without EXIF; answers (width, height).

    For programs such as pycolmap, which ignore EXIF orientation and skip WebP
    and HEIC. The suffix of `path` (.jpg, .png or .bmp) chooses the format.
    """
    image = Image.fromarray(load_pixels(photo, max_side))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=97, subsampling=0, compress_level=1)
    return image.size


def fitted_size(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    """(width, height) with the longer side at most `max_side`, in the same proportion."""
    longest = max(width, height)
    if max_side is None or longest <= max_side:
        return width, height
    return (
        max(1, round(width * max_side / longest)),
        max(1, round(height * max_side / longest)),
    )


def shrunk(pixels: Pixels, width: int, height: int) -> Pixels:
    """`pixels` at `width` x `height`, each new pixel the mean of the area that it covers."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def read_picture(path: Path, about: int | None = None) -> Picture:
    """Decode the first picture in the file at `path`, to its last byte.

    With `about`, a JPEG may come reduced (much faster), its longer side still
    at least `about` pixels where the file has as many. Raises `Unusable`.
    """
    with _opened(path) as image:
        return _decoded(image, about)


def upright_size(path: Path) -> tuple[int, int]:
    """(width, height) of the picture at `path` with its EXIF orientation. Raises `Unusable`."""
    with _opened(path) as image:
        width, height = image.size
        # The TIFF and HEIF readers give the upright size, and no orientation.
        turned = image.format not in ("TIFF", "HEIF") and _is_turned(image.getexif())
        return (height, width) if turned else (width, height)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The file at `path`, of a size that can serve; raises `Unusable` for damage met inside."""
    try:
        if path.stat().st_size == 0:
            raise Unusable("The file is empty.")
        with _strict_decoding(), Image.open(path, formats=FORMATS) as image:
            _check_size(*image.size)
            yield image
    except PermissionError as error:
        raise Unusable("This program may not read it (permission denied).") from error
    except FileNotFoundError as error:
        raise Unusable("The file is gone.") from error
    except UnidentifiedImageError as error:
        raise Unusable("It is not a picture, or its beginning is damaged.") from error
    except DAMAGE as error:
        raise Unusable(f"The file is cut off or damaged ({str(error).strip()}).") from error


@contextmanager
def _strict_decoding() -> Iterator[None]:
    """Pillow refusing truncated files, leaving large sizes to us, and quiet about odd EXIF."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before


def _check_size(width: int, height: int) -> None:
    size = f"{width} x {height} pixels"
    if width * height > MOST_PIXELS:
        raise Unusable(f"It is too large ({size}); at most {MOST_PIXELS // 10**6} megapixels.")
    if min(width, height) < SMALLEST_SIDE:
        raise Unusable(f"It is too small ({size}); each side needs at least {SMALLEST_SIDE}.")
    if max(width, height) > LONGEST_ASPECT * min(width, height):
        raise Unusable(
            f"It is too long and thin ({size}); at most {LONGEST_ASPECT:g} times as long as wide."
        )


def _decoded(image: Image.Image, about: int | None) -> Picture:
    whole = image.size
    exif = image.getexif()
    turned = _is_turned(exif)
    # HEIF's draft is an embedded thumbnail, which can be whole where the picture is not.
    if about is not None and image.format in JPEG_FORMATS:
        image.draft(None, _draft_size(*whole, about))
    drafted = image.size != whole
    image.load()
    # Asked again after load(): the TIFF and HEIF readers turn the picture themselves.
    upright = ImageOps.exif_transpose(image)
    pixels = _rgb(upright)
    stored = pixels if exif.get(ORIENTATION_TAG, 1) == 1 else _rgb(image)
    if image.format in JPEG_FORMATS and _ends_in_filler(stored):
        raise Unusable("The file is cut off: the lower part of the picture is missing.")
    if drafted:
        width, height = whole[::-1] if turned else whole
    else:
        width, height = upright.size
    return Picture(pixels, width, height, exif)


def _is_turned(exif: Image.Exif) -> bool:
    """Whether the picture is stored lying on its side."""
    return exif.get(ORIENTATION_TAG, 1) in (5, 6, 7, 8)


def _draft_size(width: int, height: int, about: int) -> tuple[int, int]:
    scale = min(1.0, about / max(width, height))
    return round(width * scale), round(height * scale)


def _rgb(image: Image.Image) -> Pixels:
    """[H, W, 3] uint8, a copy of its own."""
    if image.mode == "F":
        raise Unusable("Its pixels are floating-point numbers; save it as an 8-bit picture.")
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.float64)
        # Mode I also holds 16-bit files; 8-bit ones never arrive in it.
        grey = np.clip(values / 257.0 + 0.5, 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        transparent = image.convert("RGBA")
        paper = Image.new("RGBA", transparent.size, "white")
        image = Image.alpha_composite(paper, transparent)
    return np.array(image.convert("RGB"))


def _ends_in_filler(pixels: Pixels) -> bool:
    """Whether a JPEG, as stored, ends in what decoders paint for missing data.

    Pillow reports a file that just stops, but not one whose end was replaced by
    an end marker (recovery tools do that): from some block on, everything is
    exactly mid-grey. So: below some row all is grey, and that row begins with a
    picture and goes over into grey.
    """
    for row in pixels[::-1]:
        if not (row == GREY).all():
            return bool((row[-1] == GREY).all() and not (row[0] == GREY).all())
    return False  # a wholly grey picture is a picture
