"""How much memory the program uses, and has used."""

import sys

import psutil


def peak_memory_mb() -> float | None:
    """The most that this process, or a finished child of it, has held at once; None if unknown."""
    if sys.platform == "win32":
        return round(float(psutil.Process().memory_info().peak_wset) / 1e6, 1)
    import resource

    # Kilobytes, but bytes on macOS.
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return round(max(resource.getrusage(who).ru_maxrss for who in usages) / unit, 1)


def resident_mb() -> float:
    """What this process and all below it hold now, in megabytes; shared pages count in each."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue  # it has ended meanwhile
    return total / 1e6
