"""`maquette bench prior`: what a prior that knows the truth is worth, and what a wrong one costs.

Photos of drawn rooms are trained on alone, with a prior that returns the true view blurred and
noised, with one whose colours are wrong everywhere, and with the true views themselves as
photos. All other photos of the room are the test.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from app.bench.prior_oracle import NONE, TOLD, TRUE, WRONG, compared
from app.bench.quality_captures import Subject, read_subject
from app.bench.quality_cases import Case
from app.bench.quality_input import KNOWN, find_input
from app.bench.quality_rooms import find_rooms
from app.cli.console import say, say_json, tell
from app.engine.in_child import in_child
from core.errors import UserError
from core.pipeline.split import Choice
from core.progress import Progress

REPORT = "prior.json"
SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
Result = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Measure what `args` ask for, and print the table. Raises `UserError`."""
    args.out.mkdir(parents=True, exist_ok=True)
    rooms = find_rooms(args.out / "rooms", args.rooms) if args.rooms else []
    results = []
    for number, folder in enumerate([SAMPLE, *rooms]):
        subject = read_subject(folder, args.out)
        for seed in args.seeds:
            results.append(_measured(subject, number, seed, args))
            tell(_row(results[-1]))
    (args.out / REPORT).write_text(json.dumps(results, indent=1), encoding="utf-8")
    if args.json:
        say_json({"bench": "prior", "cases": results})
    else:
        say(_table(results))
    return 0


def _measured(subject: Subject, number: int, seed: int, args: argparse.Namespace) -> Result:
    """All ways to train on the photos of room `number`, 0 for the sample."""
    case = Case(subject.name, KNOWN, args.photos, "auto", seed)
    given = find_input(subject, case, None, args.out, keep=True)
    if given.places is None:
        raise UserError(given.facts["refused"], hint="Ask for more --photos.")
    choice = Choice(train=given.train, test=given.test)
    asked = (args.max_size, args.iterations, seed)
    last: object = None
    for last in in_child(compared, given.capture, given.places, choice, number, asked):
        if isinstance(last, Progress) and last.done == 0:
            tell(f"{subject.name}: {last.stage}")
    assert isinstance(last, dict)
    return {"capture": subject.name, "photos": args.photos, "seed": seed, **last}


def _table(results: Sequence[Result]) -> str:
    head = (
        "| capture | seed | alone | told the truth | true views as photos | gain | short of photos "
        "| wrong: own photos | wrong: held out |\n|---|---|---|---|---|---|---|---|---|"
    )
    means = _means(results)
    return "\n".join([head, *map(_row, results), *([_row(means)] if len(results) > 1 else [])])


def _row(result: Mapping[str, Any]) -> str:
    """Held-out PSNR / SSIM; the last four are differences in dB."""
    alone, told, true, wrong = (result[way] for way in (NONE, TOLD, TRUE, WRONG))
    cells = [f"{way['psnr']:.2f} / {way['ssim']:.3f}" for way in (alone, told, true)]
    cells += [
        f"{told['psnr'] - alone['psnr']:+.2f}",
        f"{true['psnr'] - told['psnr']:.2f}",
        f"{wrong['own_psnr'] - alone['own_psnr']:+.2f}",
        f"{wrong['psnr'] - alone['psnr']:+.2f}",
    ]
    return f"| {result['capture']} | {result['seed']} | " + " | ".join(cells) + " |"


def _means(results: Sequence[Result]) -> Result:
    ways = {
        way: {key: fmean(result[way][key] for result in results) for key in results[0][way]}
        for way in (NONE, TOLD, TRUE, WRONG)
    }
    return {"capture": "mean", "seed": "", **ways}
