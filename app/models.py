"""`maquette models`: the optional parts, which of them are there, and what goes without."""

import argparse
import importlib.util
from dataclasses import dataclass

from app.console import say


@dataclass(frozen=True)
class Part:
    """An optional package: what it is `for_`, what happens `without` it, how it is had."""

    package: str
    module: str
    for_: str
    without: str
    install: str


PARTS = (
    Part(
        "gsplat",
        "gsplat",
        "training and rendering on an NVIDIA card",
        "the processor does it, slower",
        "pip install 'maquette[cuda]'",
    ),
    Part(
        "segment-anything",
        "segment_anything",
        "sharper object masks from a click",
        "a graph cut makes them from the same clicks",
        "pip install 'maquette[sam]'",
    ),
    Part(
        "transformers",
        "transformers",
        "depth, text and newer mask models",
        "depth comes from the photos, masks from the graph cut",
        "pip install 'maquette[prior]'",
    ),
    Part(
        "diffusers",
        "diffusers",
        "a prior for sides that no photo shows",
        "unseen sides stay as the photos leave them",
        "pip install 'maquette[prior]'",
    ),
)


def run(args: argparse.Namespace) -> int:
    """Say what there is. Nothing is downloaded, now or later, without being asked for."""
    rows = [("part", "installed", "for", "without it")]
    for part in PARTS:
        there = importlib.util.find_spec(part.module) is not None
        rows.append((part.package, "yes" if there else "no", part.for_, part.without))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
    missing = [part for part in PARTS if importlib.util.find_spec(part.module) is None]
    for command in dict.fromkeys(part.install for part in missing):
        names = ", ".join(part.package for part in missing if part.install == command)
        say(f"To add {names}: {command}")
    return 0
