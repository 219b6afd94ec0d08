"""Contact sheets of the quality bench: test photos side by side, the truth above each setting."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from app.bench.quality_tables import Group, group
from core.pipeline.evaluate import PHOTOS, RENDERS
from core.pipeline.split import picture_names

Result = dict[str, Any]

COLUMNS = 8
HEIGHT = 240  # pixels of a picture
GAP, LINE = 6, 22
PAPER, INK = (250, 250, 248), (30, 30, 30)


def write_sheets(results: Sequence[tuple[Path, Result]], out: Path) -> list[Path]:
    """A sheet for each capture and number of photos, of its first seed, in the folder `out`.

    `results`: each with the folder of its pictures.
    """
    out.mkdir(parents=True, exist_ok=True)
    grouped: dict[Group, list[tuple[Path, Result]]] = defaultdict(list)
    for folder, result in results:
        if "psnr" in result:
            grouped[group(result)].append((folder, result))
    written = []
    for (capture, poses, photos), some in grouped.items():
        seed = min(result["case"]["seed"] for _, result in some)
        rows = [(folder, result) for folder, result in some if result["case"]["seed"] == seed]
        path = out / f"{capture}-{poses}-{photos}.png"
        sheet(rows).save(path)
        written.append(path)
    return written


def sheet(rows: Sequence[tuple[Path, Result]]) -> Image.Image:
    """The truth in the first row, then a row for each of `rows`, all of the same test photos."""
    names = list(rows[0][1]["test"])
    names = names[:: -(-len(names) // COLUMNS)]
    files = picture_names(list(rows[0][1]["test"]))
    first = [_small(rows[0][0] / PHOTOS / files[name]) for name in names]
    width = sum(picture.width + GAP for picture in first) + GAP
    canvas = Image.new("RGB", (width, (HEIGHT + LINE + GAP) * (1 + len(rows)) + GAP), PAPER)
    _row(canvas, 0, first, "truth", names)
    for k, (folder, result) in enumerate(rows, start=1):
        pictures = [_small(folder / RENDERS / files[name]) for name in names]
        scores = [f"{result['test'][name]['psnr']:.2f} dB" for name in names]
        words = f"{result['case']['setting']}: {result['psnr']:.2f} dB / {result['ssim']:.3f}"
        _row(canvas, k, pictures, words, scores)
    return canvas


def _row(
    canvas: Image.Image, k: int, pictures: Sequence[Image.Image], words: str, notes: Sequence[str]
) -> None:
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(14)
    x, y = GAP, GAP + k * (HEIGHT + LINE + GAP)
    for i, (picture, note) in enumerate(zip(pictures, notes, strict=True)):
        canvas.paste(picture, (x, y + LINE))
        draw.text((x, y), note if i else f"{words}   {note}", fill=INK, font=font)
        x += picture.width + GAP


def _small(path: Path) -> Image.Image:
    with Image.open(path) as image:
        width = max(1, round(image.width * HEIGHT / image.height))
        return image.convert("RGB").resize((width, HEIGHT), Image.Resampling.LANCZOS)
