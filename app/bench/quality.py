"""`maquette bench quality`: how good the scene is, by captures, photos, settings and seeds.

Each case runs in a process of its own, and what is finished is not done again
unless the code or what is asked has changed.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from app.bench.quality_captures import Subject, read_subjects
from app.bench.quality_cases import Case, Effort, cases, code_fingerprint, fingerprint
from app.bench.quality_cases import setting_names as known_settings
from app.bench.quality_input import find_input, with_reference
from app.bench.quality_run import Result, finished, run_case, write_result
from app.bench.quality_sheet import write_sheets
from app.bench.quality_tables import seconds, summary, tables
from app.cli.console import say, say_json, tell
from core.errors import UserError
from core.pipeline.settings import Preset

REPORT, TABLES = "quality.json", "quality.md"


def run(args: argparse.Namespace) -> int:
    """Measure what `args` ask for, and print the tables. Raises `UserError`."""
    settings = known_settings(args.settings)
    args.out.mkdir(parents=True, exist_ok=True)
    subjects = read_subjects([*args.captures, *_rooms(args)], args.out)
    if not subjects:
        raise UserError("There is no capture to measure.", hint="Name folders, or use --rooms 3.")
    if args.poses == "own":
        subjects = [with_reference(subject, args.out, args.keep) for subject in subjects]
    every = None if args.test_rest else args.test_every
    effort = Effort(
        Preset(args.preset),
        args.iterations,
        args.max_size,
        every,
        args.device,
        args.judge,
        args.prior,
    )
    names = {subject.name: subject.names for subject in subjects}
    todo = list(cases(names, args.photos, settings, args.seeds, args.poses, every))
    results = _results(todo, {subject.name: subject for subject in subjects}, effort, args)
    _report(results, args)
    return 0


def _rooms(args: argparse.Namespace) -> list[Path]:
    if not args.rooms:
        return []
    from app.bench.quality_rooms import find_rooms

    return find_rooms(args.out / "rooms", args.rooms)


def _results(
    todo: Sequence[Case], subjects: dict[str, Subject], effort: Effort, args: argparse.Namespace
) -> list[tuple[Path, Result]]:
    """All cases, each with the folder of its pictures; what is finished already is only read."""
    code = code_fingerprint()
    found: list[tuple[Path, Result]] = []
    lasted: list[float] = []
    for k, case in enumerate(todo):
        began = time.monotonic()
        given = find_input(subjects[case.capture], case, effort.every, args.out, args.keep)
        settings = effort.settings(case)
        asked = fingerprint(settings.as_json(), given.facts["asked"], effort.device)
        folder = args.out / "cases" / case.id
        result = finished(folder, asked, None if args.keep else code)
        kept = result is not None
        if result is None:
            *_, last = run_case(case, given, settings, effort.device, folder)
            assert isinstance(last, dict)
            result = {**last, "asked": asked, "code": code}
            write_result(folder, result)
            lasted.append(time.monotonic() - began)
        found.append((folder, result))
        left = (len(todo) - k - 1) * sum(lasted) / len(lasted) if lasted else None
        tell(_line(f"[{k + 1}/{len(todo)}] {case.id}", result, kept, left))
    return found


def _line(case: str, result: Result, kept: bool, left: float | None) -> str:
    if "psnr" not in result:
        words = "refused: " + result["refused"] if "refused" in result else result["failed"]
    else:
        words = (
            f"{result['psnr']:.2f} dB / {result['ssim']:.3f}, {result['gaussians']} Gaussians, "
            f"{seconds(result):.0f} s"
        )
    words += " (finished before)" if kept else ""
    return f"{case}: {words}" + ("" if not left else f"; about {left / 60:.0f} min left")


def _report(results: list[tuple[Path, Result]], args: argparse.Namespace) -> None:
    told = [result for _, result in results]
    rows, text = summary(told), tables(told)
    content = {"bench": "quality", "summary": rows, "cases": told}
    (args.out / REPORT).write_text(json.dumps(content, indent=1), encoding="utf-8")
    (args.out / TABLES).write_text(text, encoding="utf-8")
    sheets = write_sheets(results, args.out / "sheets")
    if args.json:
        say_json({**content, "sheets": [str(path) for path in sheets]})
    else:
        say(f"{text}\nPictures side by side: {args.out / 'sheets'}")
