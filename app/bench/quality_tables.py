"""Tables of the quality bench: means and spreads over seeds, gains over plain, what parts earn."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from app.bench.quality_cases import AUTO_NAME, PLAIN_NAME

Result = dict[str, Any]
Group = tuple[str, str, int]  # capture, poses, photos


def tables(results: Sequence[Result]) -> str:
    """All of them, in markdown."""
    parts = [scores_table(results), gains_table(results), ablation_table(results)]
    return "\n".join(part for part in parts if part)


def summary(results: Sequence[Result]) -> list[dict[str, object]]:
    """One row for each capture, poses, number of photos and setting: means, and spreads of seeds.

    A spread is None where there is one seed.
    """
    grouped: dict[tuple[Group, str], list[Result]] = defaultdict(list)
    for result in results:
        grouped[group(result), result["case"]["setting"]].append(result)
    rows = []
    for ((capture, poses, photos), setting), some in grouped.items():
        done = [result for result in some if "psnr" in result]
        row: dict[str, object] = {
            "capture": capture,
            "poses": poses,
            "photos": photos,
            "setting": setting,
            "seeds": len(done),
            "refused": len(some) - len(done),
        }
        for key in ("psnr", "ssim", "psnr_color_fitted", "gaussians", "rank"):
            some_have = [result[key] for result in done if key in result]
            row[key], row[f"{key}_spread"] = _spread(some_have)
        for key in ("seconds", "cpu_seconds"):
            trained, _ = _spread(sum(result[key].values()) for result in done)
            # The seed that came first found no features kept.
            placed = max((result["input"][key] or 0.0 for result in done), default=0.0)
            row[key] = None if trained is None else trained + placed
        poses_found = [result["input"].get("pose") or {} for result in done]
        for key in ("rotation_worst", "translation_worst", "placed"):
            row[key], _ = _spread(pose[key] for pose in poses_found if pose.get(key) is not None)
        rows.append(row)
    return rows


def group(result: Result) -> Group:
    case = result["case"]
    return case["capture"], case["poses"], case["photos"]


def seconds(result: Result) -> float:
    """Wall time of it all: poses, start, training."""
    return float(sum(result["seconds"].values()) + (result["input"]["seconds"] or 0.0))


def scores_table(results: Sequence[Result]) -> str:
    """PSNR, SSIM, PSNR after the colour fit, Gaussians and seconds of every setting."""
    lines = [
        "| capture, poses | photos | setting | PSNR | SSIM | colour fitted | Gaussians | s | CPU s "
        "| placed | worst pose error | foreseen |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in summary(results):
        where = f"| {row['capture']}, {row['poses']} | {row['photos']} | {row['setting']} |"
        if not row["seeds"]:
            lines.append(f"{where} refused | | | | | | | | |")
            continue
        worst = [row["rotation_worst"], row["translation_worst"]]
        degrees = " / ".join(f"{value:.1f}" for value in worst if isinstance(value, float))
        lines.append(
            f"{where} {_pm(row, 'psnr', 2)} | {_pm(row, 'ssim', 3)} "
            f"| {_number(row['psnr_color_fitted'], 2)} "
            f"| {_number(row['gaussians'], 0)} | {_number(row['seconds'], 0)} "
            f"| {_number(row['cpu_seconds'], 0)} | {_number(row['placed'], 0)} | {degrees} "
            f"| {_number(row['rank'], 2)} |"
        )
    return "\n".join(lines) + "\n"


def gains_table(results: Sequence[Result]) -> str:
    """What each setting gains over plain on the same input: mean, spread, and the worst case."""
    gains = _differences(results, PLAIN_NAME)
    if not gains:
        return ""
    counts = sorted({photos for _, photos, _, _ in gains})
    lines = [
        "| over plain, dB | photos | cases | mean | spread | least | SSIM |",
        "|---|---|---|---|---|---|---|",
    ]
    for setting in dict.fromkeys(setting for setting, *_ in gains):
        for count in counts:
            some = [gain for gain in gains if gain[:2] == (setting, count)]
            if some:
                mean, spread = _spread(db for *_, db, _ in some)
                lines.append(
                    f"| {setting} | {count} | {len(some)} | {_number(mean, 2, sign=True)} "
                    f"| {_number(spread, 2)} | {min(db for *_, db, _ in some):+.2f} "
                    f"| {statistics.fmean(s for *_, s in some):+.4f} |"
                )
    return "\n".join(lines) + "\n"


def ablation_table(results: Sequence[Result]) -> str:
    """What auto loses without each part: a part that earns its place has a figure above 0."""
    losses = _differences(results, AUTO_NAME)
    parts = [name for name, *_ in losses if name.startswith(f"{AUTO_NAME}-")]
    if not parts:
        return ""
    counts = sorted({photos for _, photos, _, _ in losses})
    head = " | ".join(f"{count} photos" for count in counts)
    lines = [
        f"| worth in auto, dB | {head} | all | spread | least | SSIM |",
        "|---" * (len(counts) + 5) + "|",
    ]
    for setting in dict.fromkeys(parts):
        some = [(count, -db, -s) for name, count, db, s in losses if name == setting]
        cells = [_spread(db for count, db, _ in some if count == each)[0] for each in counts]
        mean, spread = _spread(db for _, db, _ in some)
        lines.append(
            f"| {setting.removeprefix(f'{AUTO_NAME}-')} | "
            + " | ".join(_number(cell, 2, sign=True) for cell in cells)
            + f" | {_number(mean, 2, sign=True)} | {_number(spread, 2)} "
            f"| {min(db for _, db, _ in some):+.2f} "
            f"| {statistics.fmean(s for *_, s in some):+.4f} |"
        )
    return "\n".join(lines) + "\n"


def _differences(results: Sequence[Result], base: str) -> list[tuple[str, int, float, float]]:
    """Setting, photos, PSNR and SSIM over those of `base` on the same input and seed."""
    done = [result for result in results if "psnr" in result]
    based = {
        (group(result), result["case"]["seed"]): result
        for result in done
        if result["case"]["setting"] == base
    }
    found = []
    for result in done:
        other = based.get((group(result), result["case"]["seed"]))
        if other is not None and result is not other:
            case = result["case"]
            db, ssim = result["psnr"] - other["psnr"], result["ssim"] - other["ssim"]
            found.append((case["setting"], case["photos"], db, ssim))
    return found


def _spread(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Mean and standard deviation, as far as there are values for them."""
    some = list(values)
    if not some:
        return None, None
    return statistics.fmean(some), statistics.stdev(some) if len(some) > 1 else None


def _pm(row: dict[str, object], key: str, digits: int) -> str:
    spread = row[f"{key}_spread"]
    return _number(row[key], digits) + ("" if spread is None else f" ± {_number(spread, digits)}")


def _number(value: object, digits: int, *, sign: bool = False) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value:{'+' if sign else ''}.{digits}f}"
