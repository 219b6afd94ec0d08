"""What the engine is at, as a value, and the words for it."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Activity:
    """One moment of the work; None where nothing is known.

    `done` of `total` units of `stage`; `total` 0 where the end is not known.
    `engine`: what it says of itself while nothing runs. `rate`: iterations a second.
    """

    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    note: str = ""
    seconds_left: float | None = None
    rate: float | None = None
    gaussians: int | None = None
    psnr_train: float | None = None
    psnr_test: float | None = None
    memory_mb: float | None = None
    engine: str = ""
    running: bool = False
    paused: bool = False
    pausable: bool = False
    stoppable: bool = False


def fraction(activity: Activity) -> float | None:
    """How much of the stage is done, 0 to 1; None where the end is not known."""
    if activity.total <= 0:
        return None
    return min(1.0, max(0.0, activity.done / activity.total))


def headline(activity: Activity) -> str:
    """The stage, and the newest detail."""
    if not activity.running:
        return activity.engine or translate("Activity", "Ready")
    stage = activity.stage or translate("Activity", "Working")
    if activity.paused:
        stage = translate("Activity", "{stage}, paused").format(stage=stage)
    return f"{stage}: {activity.note}" if activity.note else stage


def facts(activity: Activity) -> tuple[str, ...]:
    """What is known about the work, the most wanted first."""
    told = []
    if activity.running and not activity.paused and activity.seconds_left is not None:
        told.append(time_left(activity.seconds_left))
    if activity.rate is not None and activity.running and not activity.paused:
        told.append(translate("Activity", "{rate} it/s").format(rate=rate(activity.rate)))
    if activity.gaussians is not None:
        count = short_count(activity.gaussians)
        told.append(translate("Activity", "{count} Gaussians").format(count=count))
    psnr = psnr_words(activity.psnr_train, activity.psnr_test)
    if psnr:
        told.append(psnr)
    if activity.memory_mb is not None:
        told.append(memory(activity.memory_mb))
    return tuple(told)


def time_left(seconds: float) -> str:
    """ "about 2 min left": no more exact than such guesses are."""
    if seconds < 5:
        return translate("Activity", "a few seconds left")
    if seconds < 55:
        nearest = max(5, 5 * round(seconds / 5))
        return translate("Activity", "about {count} s left").format(count=nearest)
    if seconds < 55 * 60:
        nearest = max(1, round(seconds / 60))
        return translate("Activity", "about {count} min left").format(count=nearest)
    hours, minutes = divmod(5 * round(seconds / 300), 60)
    if minutes == 0:
        return translate("Activity", "about {hours} h left").format(hours=hours)
    return translate("Activity", "about {hours} h {minutes} min left").format(
        hours=hours, minutes=minutes
    )


def duration(seconds: float) -> str:
    """ "42 s", "3 min 05 s", "1 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return translate("Activity", "{seconds} s").format(seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return translate("Activity", "{minutes} min {seconds} s").format(
            minutes=minutes, seconds=f"{rest:02d}"
        )
    hours, minutes = divmod(minutes, 60)
    return translate("Activity", "{hours} h {minutes} min").format(
        hours=hours, minutes=f"{minutes:02d}"
    )


def short_count(count: float) -> str:
    """ "950", "1.5k", "102k", "1.2M"."""
    if count < 999.5:
        return f"{count:.0f}"
    for size, letter in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        value = count / size
        if value < 9.95:
            return f"{value:.1f}".removesuffix(".0") + letter
        if value < 999.5:
            return f"{value:.0f}{letter}"
    return f"{count:.1e}"


def rate(value: float) -> str:
    """Two digits are enough."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def memory(megabytes: float) -> str:
    """ "850 MB", "2.1 GB"."""
    return f"{megabytes:.0f} MB" if megabytes < 999.5 else f"{megabytes / 1000:.1f} GB"


def psnr_words(train: float | None, test: float | None) -> str:
    """ "PSNR 26.1 / 24.3 dB" for training and test photos; one of them, or nothing."""
    known = [f"{value:.1f}" for value in (train, test) if value is not None and value == value]
    if not known:
        return ""
    if len(known) == 2:
        return translate("Activity", "PSNR {train} (test {test}) dB").format(
            train=known[0], test=known[1]
        )
    if train is None or train != train:
        return translate("Activity", "PSNR test {value} dB").format(value=known[0])
    return translate("Activity", "PSNR {value} dB").format(value=known[0])
