"""What a photo's EXIF block tells about the camera that took it."""

import math

from PIL import Image

MAKE, MODEL, EXIF_BLOCK = 0x010F, 0x0110, 0x8769
PIXEL_WIDTH, PIXEL_HEIGHT = 0xA002, 0xA003
FOCAL_LENGTH, FOCAL_LENGTH_35MM = 0x920A, 0xA405
PLANE_RESOLUTION, PLANE_UNIT = 0xA20E, 0xA210
MILLIMETRES_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # TIFF ResolutionUnit; 1 has no length

# CIPA DCG-001: lengths are equivalent when the diagonal, here of a 36 x 24 mm frame, spans the
# same angle. (Going by the width instead is 4 % off for the 4:3 sensors of phones.)
DIAGONAL_35MM = math.hypot(36.0, 24.0)

# In units of the longer side: 118 degrees of it down to 14 degrees.
LEAST_FOCAL, MOST_FOCAL = 0.3, 4.0


def camera_name(exif: Image.Exif) -> str:
    """Make and model as one name, "" if unknown."""
    make, model = (_words(exif.get(tag)) for tag in (MAKE, MODEL))
    if model.lower().startswith(make.lower()):
        return model
    return f"{make} {model}".strip()


def focal_px(exif: Image.Exif, width: int, height: int) -> float | None:
    """Focal length in pixels of the whole picture of `width` x `height`, None if not known.

    Taken from the 35 mm equivalent, else from the focal length and the density
    of the sensor's pixels. Values no camera has count as not known.
    """
    block = exif.get_ifd(EXIF_BLOCK)
    equivalent = _number(block.get(FOCAL_LENGTH_35MM))
    if equivalent is not None:
        found = equivalent / DIAGONAL_35MM * math.hypot(width, height)
    else:
        found = _from_sensor(block, max(width, height))
    longest = max(width, height)
    return found if LEAST_FOCAL * longest <= found <= MOST_FOCAL * longest else None


def _from_sensor(block: dict[int, object], longest: int) -> float:
    """Focal length in pixels from the sensor's pixel density; 0 if not told."""
    length = _number(block.get(FOCAL_LENGTH))
    density = _number(block.get(PLANE_RESOLUTION))
    unit = _number(block.get(PLANE_UNIT)) or 2.0  # the standard's default is inches
    if length is None or density is None or unit not in MILLIMETRES_PER_UNIT:
        return 0.0
    # The density is that of the picture as it was taken; this one may have been resized since.
    taken = max(_number(block.get(tag)) or 0.0 for tag in (PIXEL_WIDTH, PIXEL_HEIGHT))
    resized = longest / taken if taken else 1.0
    return length * density / MILLIMETRES_PER_UNIT[int(unit)] * resized


def _number(value: object) -> float | None:
    """A positive finite number, or None: EXIF writes 0 or 0/0 for what it does not know."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _words(value: object) -> str:
    return value.replace("\0", " ").strip() if isinstance(value, str) else ""
