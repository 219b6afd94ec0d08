"""`maquette train-prior`: ReconFusion's network, learned from captures whose cameras are known."""

import argparse
import csv
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import torch

from app.cli.console import say, tell
from app.commands.progress_bar import Reporter, reporter
from app.commands.train_prior_data import drawn_rooms, read_captures
from app.interrupt import Interrupt
from app.threads import set_threads
from core.errors import UserError
from core.pipeline.evaluate import write_png
from core.prior.backends.files import read_json
from core.prior.backends.parts import Place
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.folder import (
    AUTOENCODER,
    CLIP,
    CONFIG,
    WEIGHTS,
    load_reconfusion,
    make,
)
from core.prior.reconfusion.prior import ReconFusion
from core.prior.reconfusion.shots import Shots
from core.prior.reconfusion.training import Losses, TrainConfig, Training
from core.prior.reconfusion.validation import Judged, judged, sheet
from core.progress import Progress
from core.project.files import check_free, told
from core.render.devices import choose_device

STAGE = "Training the prior"
MINUTES = 20.0  # of training where nothing is said of it
LOOKS = 8  # at captures left out, evenly over the training
KEPT_EVERY = 60.0  # seconds
LOSSES, SCORES, ROOMS = "losses.csv", "validation.csv", "rooms"


def run(args: argparse.Namespace) -> int:
    """Do what `args` ask; 0, or 1 when stopped. Raises `UserError`."""
    set_threads()
    if not args.resume:
        check_free(args.out)
    shown = reporter(as_json=False)
    with Interrupt() as interrupt:
        place = Place(torch.device(choose_device(args.device).name))
        prior = _begun(args, place)
        learned, left_out = _captures(args, prior.config, shown)
        training = Training(prior, learned, TrainConfig(seed=args.seed))
        if args.resume:
            training.resume(args.out)
        interrupt.gentle = True
        scores = _trained(training, left_out, args, interrupt, shown)
    for line in _words(scores):
        say(line)
    where = f"Step {training.step}; the prior is in {args.out}."
    tell(f"Stopped. {where}" if interrupt.asked else where)
    return 1 if interrupt.asked else 0


def _begun(args: argparse.Namespace, place: Place) -> ReconFusion:
    """What training begins with: what is there already, that in --start, or the smallest."""
    if args.resume:
        config = Config.from_json(read_json(args.out, CONFIG))
        return make(config, args.out, place)
    if args.start is None:
        config = Config() if args.size is None else replace(Config(), side=args.size)
        return make(config, None, place, args.seed)
    if args.size is not None:
        raise UserError("--size is for a network that begins anew.", hint="Leave it out.")
    with told(args.out):
        args.out.mkdir(parents=True, exist_ok=True)
        for part in (CLIP, AUTOENCODER):
            if (args.start / part).is_dir():
                shutil.copytree(args.start / part, args.out / part)
    if (args.start / WEIGHTS).is_file():
        return load_reconfusion(args.start, place)
    config = Config.from_json(read_json(args.start, CONFIG))
    return make(config, args.start, place, args.seed)


def _captures(
    args: argparse.Namespace, config: Config, shown: Reporter
) -> tuple[list[Shots], list[Shots]]:
    """Those learned from, and those that are left out."""
    with told(args.out):
        args.out.mkdir(parents=True, exist_ok=True)
    paths = [*args.data, *drawn_rooms(args.out / ROOMS, args.rooms, config)]
    with tempfile.TemporaryDirectory(prefix="maquette-", ignore_cleanup_errors=True) as work:
        found: list[Shots] = []
        for event in read_captures(paths, config, Path(work)):
            if isinstance(event, Progress):
                shown.show(event)
            else:
                found = event
    shown.close()
    out = len(found) // 5 if args.held_out is None else args.held_out
    if out >= max(len(found), 1):
        raise UserError(
            f"There are {len(found)} captures, and {out} of them are left out.",
            hint="Lower --held-out.",
        )
    return found[: len(found) - out], found[len(found) - out :]


def _trained(
    training: Training,
    left_out: Sequence[Shots],
    args: argparse.Namespace,
    interrupt: Interrupt,
    shown: Reporter,
) -> list[Judged]:
    """Train until the budget is spent or it is stopped; the last look at those left out."""
    total = args.steps or 60 * (args.minutes or MINUTES)

    def done() -> float:
        return float(training.step if args.steps else training.seconds)

    began, here, kept, looks = time.monotonic(), done(), time.monotonic(), done() * LOOKS // total
    with (args.out / LOSSES).open("a", newline="") as file:
        log = csv.writer(file)
        while done() < total and not interrupt.asked:
            at = time.monotonic()
            losses = training.advance(done() / total)
            training.seconds += time.monotonic() - at
            log.writerow([training.step, f"{training.seconds:.1f}", *vars(losses).values()])
            left = (time.monotonic() - began) / (done() - here) * max(total - done(), 0)
            shown.show(_progress(training, losses, min(done(), total), total, left, not args.steps))
            if time.monotonic() - kept > KEPT_EVERY:
                training.save(args.out)
                kept = time.monotonic()
            if done() * LOOKS // total > looks and done() < total:
                looks = done() * LOOKS // total
                _look(training, left_out, args.out, shown)
    shown.close()
    training.save(args.out)
    return [] if interrupt.asked else _look(training, left_out, args.out, shown)


def _progress(
    training: Training, losses: Losses, done: float, total: float, left: float, timed: bool
) -> Progress:
    unit = 60 if timed else 1  # the bar counts minutes or steps
    note = f"step {training.step}, loss {losses.denoising:.4f}, {left / 60:.0f} min left"
    return Progress(STAGE, round(done / unit, 1), round(total / unit, 1), note)


def _look(
    training: Training, left_out: Sequence[Shots], out: Path, shown: Reporter
) -> list[Judged]:
    """Judge on captures left out, with a sheet of pictures and a line each in a table."""
    if not left_out:
        return []
    scores = list(_judged(judged(training.averaged(), left_out), shown))
    pictures = sheet(scores)
    write_png(out / f"validation-{training.step:06d}.png", pictures)
    with (out / SCORES).open("a", newline="") as file:
        log = csv.writer(file)
        for each in scores:
            found = [f"{each.score(what):.2f}" for what in ("sample", "nerf", "nearest")]
            log.writerow([training.step, each.name, *found])
    return scores


def _judged(events: Iterator[Progress | Judged], shown: Reporter) -> Iterator[Judged]:
    for event in events:
        if isinstance(event, Progress):
            shown.show(event)
        else:
            yield event


def _words(scores: Sequence[Judged]) -> list[str]:
    """PSNR on captures left out, and its mean."""
    if not scores:
        return []
    lines = [
        f"{each.name}: samples {each.score('sample'):.2f} dB, "
        f"the nearest photo {each.score('nearest'):.2f} dB"
        for each in scores
    ]
    gain = fmean(each.gain for each in scores)
    return [*lines, f"Samples are {gain:+.2f} dB better than the nearest photo on average."]
