"""The sample capture, reduced, with its true cameras as a COLMAP model: for whole runs."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from core.capture.colmap import write_colmap_text
from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLE = REPOSITORY / "resources" / "sample"
WIDTH, HEIGHT = 160, 120
POINTS = 1500
ITERATIONS = 30


def make_room(folder: Path, photos: int = 8) -> tuple[Path, Path]:
    """Write photos and model below `folder`; their folders."""
    facts = json.loads((SAMPLE / "cameras.json").read_text(encoding="utf-8"))
    lens = Lens("OPENCV", 640, 480, tuple(facts["lens"]["params"])).resized(WIDTH, HEIGHT)
    listed = facts["photos"][:photos]
    (folder / "photos").mkdir(parents=True)
    for entry in listed:
        with Image.open(SAMPLE / "photos" / entry["name"]) as image:
            upright = ImageOps.exif_transpose(image).resize((WIDTH, HEIGHT))
        upright.save(folder / "photos" / entry["name"], quality=95)
    placed = tuple(
        PlacedPhoto(entry["name"], lens, np.array(entry["camera_from_scene"])) for entry in listed
    )
    model = Reconstruction(placed, _points(placed, lens), ())
    write_colmap_text(folder / "model", model)
    return folder / "photos", folder / "model"


def arguments(room: tuple[Path, Path], out: Path) -> list[str]:
    """A short run from what `make_room` answered; later words override."""
    photos, model = room
    words = ["reconstruct", str(photos), "-o", str(out), "--poses", f"colmap:{model}"]
    return [*words, "--preset", "quick", "--iterations", str(ITERATIONS), "--test-every", "4"]


def _points(placed: tuple[PlacedPhoto, ...], lens: Lens) -> SparsePoints:
    """Points anywhere in the room, seen by every photo that they project into."""
    random = np.random.default_rng(0)
    positions = random.uniform((-2.0, 0.0, -2.0), (2.0, 2.2, 1.5), (POINTS, 3))
    pairs = []
    for i, photo in enumerate(placed):
        seen = positions @ photo.camera_from_scene[:3, :3].T + photo.camera_from_scene[:3, 3]
        ahead = np.flatnonzero(seen[:, 2] > 0.2)
        pixels = lens.pixels(seen[ahead, :2] / seen[ahead, 2:])
        inside = ((pixels >= 0) & (pixels <= (WIDTH, HEIGHT))).all(axis=1)
        pairs += [(i, int(row)) for row in ahead[inside]]
    tracks = np.array(pairs, np.int64)
    colors = np.full((POINTS, 3), 128, np.uint8)
    return SparsePoints(positions, colors, np.zeros(POINTS), tracks[:, 0], tracks[:, 1])
