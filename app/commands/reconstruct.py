"""`maquette reconstruct`: photos to a folder with the scene."""

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace

from app.cli.console import tell
from app.commands.places import imported, solved
from app.commands.progress_bar import reporter
from app.commands.rehearsal import Rehearsal
from app.interrupt import Interrupt
from app.memory import free_memory, peak_memory_mb
from app.threads import set_threads
from core.pipeline.build import Host, PlacePhotos
from core.pipeline.events import Placed
from core.pipeline.priors import check_prior
from core.pipeline.run import Finished, Job, reconstruct
from core.pipeline.settings import PRESETS, Preset, Settings
from core.pipeline.split import Choice
from core.project.files import check_free
from core.render.devices import choose_device
from core.single.stance import Said
from core.train.steps import Step

STAGES_KEPT = "Stopped at iteration {} of {}; what was reached is in {}."


def run(args: argparse.Namespace) -> int:
    """Do what `args` ask; 0, or 1 when stopped. Raises `UserError`."""
    set_threads()
    check_free(args.out)
    rehearsal = Rehearsal()
    job = _job(args, rehearsal)
    shown = reporter(as_json=args.json)
    finished: Finished | None = None
    last: Step | None = None
    with Interrupt() as interrupt:
        host = Host(
            stop=lambda: interrupt.asked,
            peak_memory_mb=peak_memory_mb,
            free_memory=lambda: free_memory(job.device.name),
        )
        events = reconstruct(job, host)
        try:
            for event in events:
                if isinstance(event, Step):
                    # From here on there is something worth keeping.
                    interrupt.gentle, last = True, event
                elif isinstance(event, Placed):
                    rehearsal.wait()
                elif isinstance(event, Finished):
                    finished = event
                shown.show(event)
        finally:
            shown.close()
            # Closed by hand, so that its folder goes now and not at some collection of garbage.
            events.close()  # type: ignore[attr-defined]
    assert finished is not None
    if finished.metrics["stopped"]:
        total = last.iterations if last is not None else job.settings.iterations
        tell(STAGES_KEPT.format(finished.metrics["iterations"], total, job.out))
        return 1
    if not args.json:
        tell(_summary(finished))
    return 0


def _job(args: argparse.Namespace, rehearsal: Rehearsal) -> Job:
    """`args` as a job. Raises `UserError` for what can be known to fail."""
    settings = _settings(args)
    check_prior(settings)
    device = choose_device(args.device)
    if device.note:
        tell(device.note)
    kind, source = args.poses
    said = _said(args)
    told = {
        "poses": kind if source is None else f"{kind}:{source}",
        "device": args.device,
        "masks": None if args.masks is None else str(args.masks),
        "words": dict(args.words),
        **({"text": args.text, "text_model": args.text_model} if args.text else {}),
        **({} if said is None else asdict(said)),
    }
    return Job(
        paths=tuple(args.photos),
        out=args.out,
        settings=settings,
        choice=Choice(args.test_every, args.test, args.train, args.num_train),
        place_photos=_places(args, rehearsal.begin if device.name == "cpu" else lambda: None),
        device=device,
        told=told,
        masks=args.masks,
        words=dict(args.words),
        drawn_words=args.text or "",
        drawer=args.text_model or "",
        said=said,
    )


def _said(args: argparse.Namespace) -> Said | None:
    """How a single photo was taken, if anything is said of it."""
    if args.focal is None and args.horizon is None:
        return None
    focal, film = args.focal or (None, False)
    return Said(focal, film, args.horizon)


def _places(args: argparse.Namespace, meanwhile: Callable[[], None]) -> PlacePhotos:
    """Where the cameras come from; `meanwhile` is called while a child works them out."""
    kind, source = args.poses
    if source is None:
        return solved(args.seed, meanwhile)
    return imported(kind, source, args.seed, meanwhile)


def _settings(args: argparse.Namespace) -> Settings:
    fields = ("iterations", "max_size", "max_gaussians", "time_limit", "seed")
    texts = ("prior", "prior_strength", "depth", "fill", "words_prior", "expand")
    names = (*fields, *texts)
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    return replace(PRESETS[Preset(args.preset)], **given)


def _summary(finished: Finished) -> str:
    metrics = finished.metrics
    seconds, test = metrics["seconds"], metrics["test"]
    assert isinstance(seconds, dict)
    assert isinstance(test, dict)
    words = (
        f"{metrics['registered']} of {metrics['photos']} photos placed, "
        f"{metrics['gaussians']} Gaussians, {seconds['total']:.0f} s"
    )
    if test["photos"]:
        words += (
            f"; {len(test['photos'])} test photos: "
            f"PSNR {test['psnr']:.2f} dB, SSIM {test['ssim']:.4f}"
        )
    return f"{words}. The scene is in {finished.out}."
