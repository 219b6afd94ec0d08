"""`maquette evaluate`: the metrics once more, from the pictures on disk."""

import argparse

from app.cli.console import say, say_json
from app.threads import set_threads
from core.errors import UserError
from core.pipeline.evaluate import scores_on_disk, summary


def run(args: argparse.Namespace) -> int:
    """Measure OUT/renders against OUT/photos and say what came out. Raises `UserError`."""
    set_threads()
    if not args.out.is_dir():
        raise UserError(f"There is no folder {args.out}.", hint="Give what reconstruct wrote.")
    scores = dict(scores_on_disk(args.out))
    means = summary(scores)
    if args.json:
        say_json(means)
        return 0
    width = max(len(name) for name in (*scores, "mean"))
    say(f"{'photo':<{width}}  PSNR (dB)    SSIM")
    for name, found in scores.items():
        say(f"{name:<{width}}  {found.psnr:9.2f}  {found.ssim:.4f}")
    say(f"{'mean':<{width}}  {means['psnr']:9.2f}  {means['ssim']:.4f}")
    return 0
