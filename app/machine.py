"""What there is on this machine, found out with Python's standard library alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def has_nvidia_card() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def has_screen() -> bool:
    """Whether somebody could see a window."""
    if os.environ.get("CI"):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def starts(python: str) -> bool:
    """Whether there is such a command and it runs; version managers leave some that do not."""
    if shutil.which(python) is None:
        return False
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
