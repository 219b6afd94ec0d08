"""What this computer has, and what that means for the work, in plain words."""

import importlib.util
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import psutil

from app.commands.models import PARTS
from app.machine import has_nvidia_card
from core.pipeline.settings import Preset

GPU_RENDERER = "gsplat"
# Measured on two cores (docs/performance.md): the sample's 12 photos took 11 s to place, 50 of a
# phone 75 s, hard ones 3 s each; Quick took 40 to 45 s after that, Standard 183 s.
CORES_MEASURED = 2
PLACING = 2.0  # seconds a photo
TRAINING = {Preset.QUICK: 45.0, Preset.STANDARD: 183.0}  # seconds, with stereo and judging
ALONE = 0.05  # part of the work that further cores do not share (1.9 times as fast on two)
EXAMPLE = 12  # photos

ENOUGH_MEMORY = 2e9  # bytes; the standard preset took 1.3e9 at its most
ENOUGH_DISK = 1e9  # bytes
PATIENCE = 10 * 60  # seconds
# Of OpenGL renderers that use the processor instead of a card.
SOFTWARE = (
    *("llvmpipe", "softpipe", "swrast", "swiftshader", "software"),
    *("gdi generic", "microsoft basic render"),
)

Translate = Callable[[str, str], str]


def english(_context: str, text: str) -> str:
    """In place of Qt's `translate` where there is no Qt."""
    return text


class Line(NamedTuple):
    """A sentence about the computer; not `good` where something will be slow or fail."""

    words: str
    good: bool


@dataclass(frozen=True)
class Hardware:
    """What was found. `card`: the NVIDIA card's name, "" without one. Sizes are bytes.

    `display`: what OpenGL calls the thing that draws, "" before a window has asked.
    """

    cores: int
    memory: int
    memory_free: int
    disk_free: int
    card: str = ""
    parts: tuple[str, ...] = ()  # the optional packages that are there
    display: str = ""

    def with_display(self, name: str) -> "Hardware":
        """As OpenGL's renderer string `name` completes it."""
        return replace(self, display=name)

    def lines(self, translate: Translate = english) -> tuple[Line, ...]:
        """All there is to say; `translate(context, text)` as Qt has it."""
        said = [_processor, _memory, _training, _disk, _optional]
        return tuple(
            say(self, translate) for say in (said if not self.display else [*said, _drawing])
        )


def check_hardware(disk: Path | None = None) -> Hardware:
    """Look around, in a few milliseconds. `disk`: a folder on the disk that results go to."""
    memory = psutil.virtual_memory()
    return Hardware(
        cores=_cores(),
        memory=memory.total,
        memory_free=memory.available,
        disk_free=shutil.disk_usage(disk or Path.home()).free,
        card=_card(),
        parts=tuple(part.package for part in PARTS if importlib.util.find_spec(part.module)),
    )


def seconds_of(photos: int, preset: Preset, cores: int) -> float:
    """About how long a reconstruction of `photos` takes on a processor, poses included."""
    share = (ALONE + (1 - ALONE) / cores) / (ALONE + (1 - ALONE) / CORES_MEASURED)
    return (photos * PLACING + TRAINING[preset]) * share


def is_software(display: str) -> bool:
    """Whether OpenGL's renderer string names no graphics card."""
    return any(name in display.casefold() for name in SOFTWARE)


def _processor(found: Hardware, translate: Translate) -> Line:
    if found.cores == 1:
        return Line(translate("Hardware", "One processor core: training will be slow."), False)
    return Line(translate("Hardware", "{n} processor cores.").format(n=found.cores), True)


def _memory(found: Hardware, translate: Translate) -> Line:
    good = found.memory_free >= ENOUGH_MEMORY
    words = translate("Hardware", "{total} of memory, {free} of it free.")
    if not good:
        words = translate(
            "Hardware",
            "{total} of memory, {free} of it free: close other programs before large scenes.",
        )
    return Line(words.format(total=_size(found.memory), free=_size(found.memory_free)), good)


def _training(found: Hardware, translate: Translate) -> Line:
    if found.card and GPU_RENDERER in found.parts:
        words = translate("Hardware", "{card}: training runs on it.")
        return Line(words.format(card=found.card), True)
    if found.card:
        words = translate(
            "Hardware",
            "{card} is there, but gsplat, which would use it, is not installed: training runs on "
            "the processor. {photos} photos take about {quick} at Quick, {standard} at Standard "
            "(an estimate).",
        )
    else:
        words = translate(
            "Hardware",
            "No NVIDIA card: training runs on the processor. {photos} photos take about {quick} "
            "at Quick, {standard} at Standard (an estimate).",
        )
    quick, standard = (
        seconds_of(EXAMPLE, preset, found.cores) for preset in (Preset.QUICK, Preset.STANDARD)
    )
    words = words.format(
        card=found.card,
        photos=EXAMPLE,
        quick=_time(quick, translate),
        standard=_time(standard, translate),
    )
    return Line(words, not found.card and standard <= PATIENCE)


def _disk(found: Hardware, translate: Translate) -> Line:
    good = found.disk_free >= ENOUGH_DISK
    words = translate("Hardware", "{free} free on the disk.")
    if not good:
        words = translate("Hardware", "Only {free} free on the disk: results may not fit.")
    return Line(words.format(free=_size(found.disk_free)), good)


def _optional(found: Hardware, translate: Translate) -> Line:
    missing = [part.package for part in PARTS if part.package not in found.parts]
    if not missing:
        return Line(translate("Hardware", "All optional parts are installed."), True)
    words = translate(
        "Hardware", "Optional parts that are not installed, and not needed: {missing}."
    )
    return Line(words.format(missing=", ".join(missing)), True)


def _drawing(found: Hardware, translate: Translate) -> Line:
    if is_software(found.display):
        words = translate(
            "Hardware",
            "The picture is drawn by the processor ({name}): it gets coarser while you turn it.",
        )
        return Line(words.format(name=found.display), False)
    words = translate("Hardware", "The picture is drawn by {name}.")
    return Line(words.format(name=found.display), True)


def _cores() -> int:
    """Those that this process may use; two threads of one core count once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or usable or 1, usable or 1))


def _card() -> str:
    """The NVIDIA card's name, or "" without one; asks no driver, which takes a second."""
    for file in Path("/proc/driver/nvidia/gpus").glob("*/information"):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("Model:"):
                return line.removeprefix("Model:").strip()
    return "NVIDIA card" if has_nvidia_card() else ""


def _size(count: int) -> str:
    return f"{count / 1e9:.0f} GB" if count >= 9.95e9 else f"{count / 1e9:.1f} GB"


def _time(seconds: float, translate: Translate) -> str:
    if seconds < 100:
        rounded = max(10, 10 * math.ceil(seconds / 10))
        return translate("Hardware", "{n} seconds").format(n=rounded)
    return translate("Hardware", "{n} minutes").format(n=round(seconds / 60))
