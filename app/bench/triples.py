"""`maquette bench triples`: how often three photos are placed rightly, and wrongly unnoticed.

Wrong poses are the worst failure, since every figure of the fit looks well. All triples of
neighbouring photos, and of every other photo, are solved on their own and compared with
the known cameras.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.bench.quality_captures import Subject, read_subjects
from app.bench.quality_cases import SOLVING, code_fingerprint
from app.bench.quality_frame import pose_errors
from app.cli.console import say, say_json, tell
from app.engine.in_child import in_child
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.poses.config import PoseConfig
from core.poses.solve import solve

STEPS = (1, 2)  # between the photos of a triple
RIGHT_DEGREES = 5.0
RIGHT, DOUBTED, NOTICED, SILENT = "right", "right, but warned", "refused or warned", "wrong"
WORST = 10
Result = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Solve every triple of `args.captures`, and print what came of them. Raises `UserError`."""
    args.out.mkdir(parents=True, exist_ok=True)
    subjects = read_subjects(args.captures, args.out)
    for subject in subjects:
        if subject.reference is None:
            raise UserError(f"No cameras are known for {subject.name}.", hint="Leave it out.")
    results = []
    todo = [(subject, names) for subject in subjects for names in triples(subject.names)]
    code, began, solved = None if args.keep else code_fingerprint(*SOLVING), time.monotonic(), 0
    for k, (subject, names) in enumerate(todo):
        file = args.out / "triples" / subject.name / f"{'_'.join(names)}.json"
        result = _finished(file, code)
        if result is None:
            result = _measured(subject, names, args.out)
            file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({**result, "code": code_fingerprint(*SOLVING)}, indent=1)
            file.write_text(text, encoding="utf-8")
            solved += 1
            left = (len(todo) - k - 1) * (time.monotonic() - began) / solved / 60
            words = f"[{k + 1}/{len(todo)}] {subject.name} {' '.join(names)}: {verdict(result)}"
            tell(f"{words}; about {left:.0f} min left")
        results.append(result)
    text = "\n".join([shares_table(results), worst_table(results)])
    (args.out / "triples.md").write_text(text, encoding="utf-8")
    if args.json:
        say_json({"bench": "triples", "triples": results})
    else:
        say(text)
    return 0


def triples(names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Three photos of sorted `names` each, with every one of STEPS from one to the next."""
    for step in STEPS:
        for i in range(len(names) - 2 * step):
            yield names[i], names[i + step], names[i + 2 * step]


def verdict(result: Result) -> str:
    """RIGHT, DOUBTED, NOTICED or SILENT."""
    errors = [result.get("rotation_worst"), result.get("translation_worst")]
    right = result.get("placed") == 3 and all(
        error is not None and error < RIGHT_DEGREES for error in errors
    )
    warned = "refused" in result or bool(result["warnings"])
    if right:
        return DOUBTED if warned else RIGHT
    return NOTICED if warned else SILENT


def shares_table(results: Sequence[Result]) -> str:
    """How many triples of each capture came to each end, in markdown."""
    kinds = (RIGHT, DOUBTED, NOTICED, SILENT)
    lines = [f"| capture | triples | {' | '.join(kinds)} |", "|---" * (2 + len(kinds)) + "|"]
    captures = dict.fromkeys(result["capture"] for result in results)
    for name in (*captures, "all"):
        some = [result for result in results if name in (result["capture"], "all")]
        counts = [sum(verdict(result) == kind for result in some) for kind in kinds]
        cells = [f"{count} ({100 * count / len(some):.1f} %)" for count in counts]
        lines.append(f"| {name} | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def worst_table(results: Sequence[Result]) -> str:
    """The triples that are furthest off without a warning, then those with one, in markdown."""
    wrong = [result for result in results if verdict(result) in (SILENT, NOTICED)]
    wrong = [result for result in wrong if result.get("rotation_worst") is not None]
    wrong.sort(key=lambda result: (verdict(result) == NOTICED, -_worst(result)))
    lines = ["| triple | rotation | translation | warnings |", "|---|---|---|---|"]
    for result in wrong[:WORST]:
        words = "; ".join(text.split(":")[0] for text in result["warnings"]) or "none"
        lines.append(
            f"| {result['capture']} {' '.join(result['photos'])} "
            f"| {result['rotation_worst']:.1f} | {result['translation_worst']:.1f} | {words} |"
        )
    return "\n".join(lines) + "\n"


def _worst(result: Result) -> float:
    return float(max(result["rotation_worst"], result["translation_worst"]))


def _finished(file: Path, code: str | None) -> Result | None:
    try:
        result: Result = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if code is None or result.get("code") == code else None


def _measured(subject: Subject, names: Sequence[str], out: Path) -> Result:
    assert subject.reference is not None
    chosen = Capture(tuple(photo for photo in subject.capture.photos if photo.name in names))
    told: Result = {"capture": subject.name, "photos": list(names)}
    # Features and matches are kept, since most photos are in six triples; answers are the same.
    config = PoseConfig(cache=out / "features")
    with tempfile.TemporaryDirectory(dir=out) as work:
        try:
            *_, found = in_child(solve, chosen, Path(work), config)
        except UserError as error:
            return {**told, "refused": str(error), "warnings": []}
    assert isinstance(found, Reconstruction)
    truth = {
        photo.name: photo.camera_from_scene
        for photo in subject.reference.photos
        if photo.name in names
    }
    cameras = {photo.name: photo.camera_from_scene for photo in found.photos}
    facts = {"warnings": list(found.warnings), "details": dict(found.details)}
    return {**told, **pose_errors(cameras, truth), **facts}
