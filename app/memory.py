"""How much memory the program has used."""

import importlib
import importlib.util
import sys


def peak_memory_mb() -> float | None:
    """The most that this process, or a finished child of it, has held at once; None if unknown."""
    if sys.platform == "win32":
        return _peak_windows()
    import resource

    # Kilobytes, but bytes on macOS.
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return round(max(resource.getrusage(who).ru_maxrss for who in usages) / unit, 1)


def _peak_windows() -> float | None:
    # psutil comes with other packages, or not; by name, for it has no types.
    if importlib.util.find_spec("psutil") is None:
        return None
    psutil = importlib.import_module("psutil")
    return round(float(psutil.Process().memory_info().peak_wset) / 1e6, 1)
