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
        "transformers",
        "transformers",
        "object masks from a click by SAM, SAM 2 and SAM 3; depth",
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


@dataclass(frozen=True)
class Weights:
    """Networks that users may download: what they do, how large, and under which licence."""

    name: str
    for_: str
    size: str
    licence: str


# Sizes are those of the published files.
WEIGHTS = (
    Weights("segment-anything vit_b (.pth)", "masks from clicks", "375 MB", "Apache-2.0"),
    Weights("segment-anything vit_l (.pth)", "masks from clicks", "1.2 GB", "Apache-2.0"),
    Weights("segment-anything vit_h (.pth)", "masks from clicks", "2.6 GB", "Apache-2.0"),
    Weights("facebook/sam-vit-base", "masks from clicks", "375 MB", "Apache-2.0"),
    Weights("facebook/sam2.1-hiera-small", "masks from clicks", "184 MB", "Apache-2.0"),
    Weights("facebook/sam2.1-hiera-large", "masks from clicks", "898 MB", "Apache-2.0"),
    Weights("facebook/sam3", "masks from clicks", "3.4 GB", "SAM License, by request"),
)


def run(args: argparse.Namespace) -> int:
    """Say what there is. Nothing is downloaded, now or later, without being asked for."""
    rows = [("part", "installed", "for", "without it")]
    for part in PARTS:
        there = importlib.util.find_spec(part.module) is not None
        rows.append((part.package, "yes" if there else "no", part.for_, part.without))
    _table(rows)
    missing = [part for part in PARTS if importlib.util.find_spec(part.module) is None]
    for command in dict.fromkeys(part.install for part in missing):
        names = ", ".join(part.package for part in missing if part.install == command)
        say(f"To add {names}: {command}")
    say("")
    weights = [("weights, not downloaded from here", "for", "size", "licence")]
    weights += [(each.name, each.for_, each.size, each.licence) for each in WEIGHTS]
    _table(weights)
    return 0


def _table(rows: list[tuple[str, str, str, str]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
