"""`maquette bench brush`: how long a piece of a stroke takes on a photo of 12 megapixels.

What is measured is all that is done for a move of the mouse but the drawing by the graphics card:
painting, and preparing what the card is given. CPU time, so that other work does not count.
"""

import argparse
import time
import tracemalloc
from pathlib import Path

import numpy as np

from app.bench.rasterizer import cpu_name
from app.cli.console import say, say_json
from core.capture.photos import Capture, Photo, Quality
from core.scene.document import Document, State
from core.scene.mask_edits import EraseMask, PaintMask
from core.scene.plan import Plan, mask_of
from core.segment.labels import PhotoMask
from core.segment.masks import FLOOR, Masks
from core.segment.tiles import Tiled
from widgets.canvas.drags import StrokeDrag
from widgets.canvas.paint import Palette

WIDTH, HEIGHT = 4000, 3000
NAME = "photo.jpg"
STROKES, PIECES = 200, 25
BRUSHES = (10, 50, 200, 1000)  # pixels across
STEP = 40.0  # pixels from one move of the mouse to the next, about
MOST_PIECE_MS, MOST_UNDO_MS, MOST_MB = 16, 50, 128

Figures = dict[str, float]


def run(args: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `args.json` one JSON object."""
    pieces = {str(brush): piece_times(brush) for brush in BRUSHES}
    history = history_figures()
    if args.json:
        say_json({"cpu": cpu_name(), "pieces_ms": pieces, "history": history})
        return 0
    say(f"A brush on {WIDTH} x {HEIGHT} pixels, {cpu_name()}")
    for brush, found in pieces.items():
        say(f"{brush:>6} px  {found['median']:.1f} ms a piece, at most {found['most']:.1f}")
    say(f"commit     {history['commit_most_ms']:.1f} ms at most")
    say(f"undo       {history['undo_median_ms']:.1f} ms, at most {history['undo_most_ms']:.1f}")
    say(f"{STROKES} strokes {history['memory_mb']:.1f} MB")
    say(f"asked      {MOST_PIECE_MS} ms a piece, {MOST_UNDO_MS} ms to undo, {MOST_MB} MB")
    return 0


def piece_times(brush: float) -> Figures:
    """Milliseconds of a move of the mouse while a brush paints over another object's pixels."""
    dice = np.random.default_rng(0)
    palette = Palette.of(Masks())
    busy = PhotoMask.blank(HEIGHT, WIDTH)
    for _ in range(30):
        busy = _drawn(busy, dice, 200.0).mask
    drag = _begun(busy, dice, brush)
    times = []
    for _ in range(60):
        before, place = drag.mask, _moved(drag.last, dice)
        began = time.process_time()
        drag.move(place)
        for area in drag.mask.codes.changes(before.codes):
            palette.drawn(drag.mask, None, area)
        times.append(1000 * (time.process_time() - began))
    return {"median": float(np.median(times)), "most": float(max(times))}


def history_figures() -> Figures:
    """What many strokes cost to keep and to undo."""
    dice = np.random.default_rng(1)
    quality = Quality(0.5, 0.5, 0.0)
    photo = Photo(NAME, Path(NAME), WIDTH, HEIGHT, None, "", quality)
    document = Document(State(Plan(Capture((photo,)))))
    palette = Palette.of(Masks())
    tracemalloc.start()
    empty = tracemalloc.get_traced_memory()[0]
    commits = []
    for i in range(STROKES):
        brush = float(dice.choice(BRUSHES[:3]))
        region = _drawn(mask_of(document.state.plan, NAME), dice, brush).region
        kind = EraseMask if i % 4 == 3 else PaintMask
        began = time.process_time()
        document.commit(kind(NAME, region, FLOOR if i % 2 else 0))
        commits.append(1000 * (time.process_time() - began))
    memory = tracemalloc.get_traced_memory()[0] - empty
    tracemalloc.stop()
    undos = []
    while document.undo_label is not None:
        before = mask_of(document.state.plan, NAME)
        began = time.process_time()
        document.undo()
        after = mask_of(document.state.plan, NAME)
        for area in after.codes.changes(before.codes):
            palette.drawn(after, None, area)
        undos.append(1000 * (time.process_time() - began))
    return {
        "memory_mb": memory / 1e6,
        "commit_most_ms": max(commits),
        "undo_median_ms": float(np.median(undos)),
        "undo_most_ms": max(undos),
    }


def _drawn(mask: PhotoMask, dice: np.random.Generator, brush: float) -> StrokeDrag:
    """A stroke of many pieces."""
    drag = _begun(mask, dice, brush)
    for _ in range(PIECES):
        drag.move(_moved(drag.last, dice))
    return drag


def _begun(mask: PhotoMask, dice: np.random.Generator, brush: float) -> StrokeDrag:
    start = tuple(dice.uniform((0, 0), (WIDTH, HEIGHT)).tolist())

    def paint(mask: PhotoMask, region: Tiled) -> PhotoMask:
        return mask.painted(region, FLOOR, locked=(5,))

    return StrokeDrag(mask, paint, brush / 2, (start[0], start[1]))


def _moved(place: tuple[float, float], dice: np.random.Generator) -> tuple[float, float]:
    x, y = np.clip(np.array(place) + dice.normal(0, STEP, 2), 0, (WIDTH, HEIGHT)).tolist()
    return x, y
