"""How much memory the program uses, and has used."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
# Of the two versions of control groups: the folder, the limit, what is used, and what in
# memory.stat could be given up at once.
VERSIONS = (
    ("", "memory.max", "memory.current", "inactive_file"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def free_memory(device: str = "cpu") -> int | None:
    """Bytes that this process may still fill, by all limits; None where `device` has its own."""
    if device != "cpu":
        return None
    rooms = [int(psutil.virtual_memory().available)]
    if sys.platform == "linux":
        own = Path("/proc/self/cgroup").read_text(encoding="utf-8")
        rooms += group_rooms(GROUPS, own)
    if sys.platform != "win32":
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            rooms.append(limit - int(psutil.Process().memory_info().vms))
    return max(0, min(rooms))


def group_rooms(root: Path, own: str) -> Iterator[int]:
    """What a container's and its parents' limits leave, in bytes, each that there is.

    `root`: where the groups are mounted; `own`: the text of /proc/self/cgroup.
    """
    for line in own.splitlines():
        number, controllers, path = line.split(":", 2)
        if number != "0" and "memory" not in controllers.split(","):
            continue
        folder, most, used, spare = VERSIONS[number != "0"]
        # Inside a container its own group is often at the root, whatever it is called outside.
        group = root / folder / path.lstrip("/")
        for place in (group, *group.parents):
            if not place.is_relative_to(root):
                break
            try:
                limit = int((place / most).read_text(encoding="utf-8"))
                filled = int((place / used).read_text(encoding="utf-8"))
                told = (place / "memory.stat").read_text(encoding="utf-8").split()
            except (OSError, ValueError):
                continue  # no group, or no limit ("max")
            stat = dict(zip(told[::2], told[1::2], strict=False))
            yield limit - filled + int(stat.get(spare, 0))


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
