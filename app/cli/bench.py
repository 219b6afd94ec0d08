"""The words of `maquette bench`: what can be measured, and how it is asked for."""

import argparse
from pathlib import Path

from app.cli.values import DEVICES, PRESETS, Parser, command
from app.cli.values import count as _count
from app.cli.values import every as _every
from app.cli.values import names as _names
from app.cli.values import photo_counts as _photo_counts
from app.cli.values import seeds as _seeds
from app.cli.values import size as _size

# What speeds can be measured of.
SPEEDS = (
    "rasterizer", "train", "poses", "photos", "viewport", "window", "brush", "follow", "drag",
    "project",
)  # fmt: skip


def bench(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add all that can be measured to `commands`."""
    words = "measure how fast this computer is, and how good the scenes are"
    parser = commands.add_parser("bench", help=words, description=words, allow_abbrev=False)
    kinds = parser.add_subparsers(title="what to measure", metavar="WHAT", dest="what")
    kinds.required = True
    for name in SPEEDS:
        kind = command(kinds, name, f"how fast: {name}")
        kind.add_argument("--json", action="store_true", help="one JSON object on stdout")
        kind.set_defaults(command="bench")
    _bench_quality(command(kinds, "quality", "how good the scenes are, by settings"))
    _bench_masks(command(kinds, "masks", "how good masks become from a few clicks"))
    _bench_prior(command(kinds, "prior", "what priors that know are worth, and cost"))
    _bench_triples(command(kinds, "triples", "how often three photos are placed rightly"))


def _bench_quality(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(command="bench")
    add("captures", metavar="CAPTURE", nargs="*", type=Path, help="folders of photos")
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="goes on with what is there")
    add("--rooms", metavar="N", type=_count, default=0, help="so many made-up rooms as well")
    add("--photos", metavar="N,N", type=_photo_counts, default=(3, 6, 9), help='"all" counts too')
    words = "plain, auto, auto-PART, plain+PART, prior, or ablation for the parts"
    add("--settings", metavar="NAME,NAME", type=_names, default=("plain", "auto"), help=words)
    add("--seeds", metavar="N,N", type=_seeds, default=(0,), help="a run each")
    test = parser.add_mutually_exclusive_group()
    every = "keep every K-th photo for the test (default: 8)"
    test.add_argument("--test-every", metavar="K", type=_every, default=8, help=every)
    test.add_argument("--test-rest", action="store_true", help="test with all that is not trained")
    add("--poses", choices=("known", "own"), default="known", help="where the cameras come from")
    add("--preset", choices=PRESETS, default="quick", help="how long each may take")
    add("--iterations", metavar="N", type=_count, help="steps of training")
    add("--max-size", metavar="PX", type=_size, help="longer side of the pictures trained on")
    add("--device", choices=DEVICES, default="auto", help="where to train and render")
    prior = "what helps with the setting prior (default: what is learned from the photos)"
    add("--prior", metavar="auto|DIR", default="auto", help=prior)
    judge = "compare the PSNR expected by photos left out with that found"
    add("--judge", action="store_true", help=judge)
    add("--keep", action="store_true", help="what was finished with other code counts too")
    add("--json", action="store_true", help="one JSON object on stdout")


def _bench_masks(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(command="bench")
    add("scene", metavar="OUT", type=Path, help="the folder reconstruct wrote")
    add(
        "--truth", metavar="DIR", type=Path, required=True, help="true masks, as --masks takes them"
    )
    clicks = "into the largest mistakes, after each object's box (default: 2)"
    add("--clicks", metavar="N", type=int, choices=range(10), default=2, help=clicks)
    add("--json", action="store_true", help="one JSON object on stdout")


def _bench_prior(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(command="bench")
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="rooms drawn before are kept")
    add("--rooms", metavar="N", type=_count, default=2, help="so many made-up rooms (default: 2)")
    add("--photos", metavar="N", type=_count, default=3, help="to train on (default: 3)")
    add("--seeds", metavar="N,N", type=_seeds, default=(0,), help="a run each")
    add("--iterations", metavar="N", type=_count, default=1000, help="steps of training")
    add("--max-size", metavar="PX", type=_size, default=480, help="longer side of the pictures")
    add("--json", action="store_true", help="one JSON object on stdout")


def _bench_triples(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(command="bench")
    add("captures", metavar="CAPTURE", nargs="+", type=Path, help="folders with known cameras")
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="goes on with what is there")
    add("--keep", action="store_true", help="what was finished with other code counts too")
    add("--json", action="store_true", help="one JSON object on stdout")
