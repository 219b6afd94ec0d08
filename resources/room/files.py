"""What a phone would have left on disk, and what only the maker of the room knows."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from resources.room.atlas import Ids
from resources.room.camera import Lens
from resources.room.noise import Picture
from resources.room.patches import Array

SENSOR_WIDTH = 5.648
"""Millimetres; with the lens's focal length it gives the one in EXIF."""

FULL_FRAME_DIAGONAL = 43.267
"""Millimetres of 35 mm film, which FocalLengthIn35mmFilm refers to."""

TURNED = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""How an upright picture is stored under an EXIF orientation."""


def write_photo(
    path: Path, photo: Picture, lens: Lens, *, orientation: int, second: int, exposure: float
) -> None:
    """`photo` [H, W, 3], upright, as a JPEG turned the way `orientation` says.

    `second`: when it was taken, counted from the first; `exposure`: relative brightness.
    """
    image = Image.fromarray(photo)
    if orientation in TURNED:
        image = image.transpose(TURNED[orientation])
    exif = Image.Exif()
    when = f"2025:05:17 10:{42 + second // 60:02d}:{second % 60:02d}"
    exif.update({271: "Maquette", 272: "Sample phone", 274: orientation})
    exif.update({305: "resources.room.build", 306: when})
    diagonal = float(np.hypot(lens.width, lens.height))
    details = exif.get_ifd(0x8769)
    details.update({33434: round(exposure / 60, 5), 33437: 1.8, 34855: 125, 36867: when})
    details[37386] = round(lens.fx / lens.width * SENSOR_WIDTH, 3)
    details[41989] = round(lens.fx / diagonal * FULL_FRAME_DIAGONAL)
    details.update({40962: image.width, 40963: image.height})
    image.save(path, quality=94, exif=exif, optimize=True)


def write_mask(path: Path, labels: Ids) -> None:
    """`labels` [H, W] as a palette PNG whose pixel values are object ids."""
    image = Image.fromarray(labels.astype(np.uint8), mode=None).convert("P")
    image.putdata(labels.astype(np.uint8).ravel().tolist())
    hues = np.random.default_rng(3).integers(60, 250, (256, 3))
    hues[0] = 0
    image.putpalette(hues.astype(np.uint8).ravel().tolist())
    image.save(path, optimize=True)


def write_cameras(path: Path, lens: Lens, poses: Mapping[str, Array], corners: Array) -> None:
    """The true cameras, the floor, and the corners of the table's top, scene frame, metres."""
    facts = {
        "frame": "scene: y up, metres; camera: x right, y down, z forward; "
        "pixels: of the upright photo, the first one's centre is (0.5, 0.5)",
        "lens": {
            "model": "OPENCV",
            "width": lens.width,
            "height": lens.height,
            "params": list(lens.params),
        },
        "floor": {"normal": [0.0, 1.0, 0.0], "offset": 0.0},
        "table_corners": np.round(corners, 6).tolist(),
        "photos": [
            {"name": name, "camera_from_scene": np.round(pose, 12).tolist()}
            for name, pose in poses.items()
        ],
    }
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def write_names(path: Path, names: Mapping[int, str], seen: Sequence[int]) -> None:
    """Names of the objects in the masks, by id."""
    kept = {str(label): names[label] for label in sorted(seen)}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
