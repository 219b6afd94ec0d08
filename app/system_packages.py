"""Shared libraries that Python packages expect from a Linux system, and how to get them there.

Standard library only: `app.bootstrap` runs this before anything is installed.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple


class Part(NamedTuple):
    """A part of Maquette and the files it cannot do without."""

    loss: str  # what will not work, as the end of "Without them ..."
    packages: dict[str, str]  # shared library or program -> the Debian package it comes in


# Read off the wheels with readelf: what they need, do not bring, and a bare Debian lacks.
OPEN3D = Part(
    "floor planes, point clouds and meshes (open3d) will not work",
    {
        "libusb-1.0.so.0": "libusb-1.0-0",
        "libGL.so.1": "libgl1",
        "libEGL.so.1": "libegl1",
        "libX11.so.6": "libx11-6",
        "libudev.so.1": "libudev1",
        "libidn2.so.0": "libidn2-0",
    },
)
WINDOW = Part(
    "the window (Qt) will not open; the command line works",
    {
        "libGL.so.1": "libgl1",
        "libEGL.so.1": "libegl1",
        "libX11.so.6": "libx11-6",
        "libX11-xcb.so.1": "libx11-xcb1",
        "libdbus-1.so.3": "libdbus-1-3",
        "libfontconfig.so.1": "libfontconfig1",
        "libfreetype.so.6": "libfreetype6",
        "libgthread-2.0.so.0": "libglib2.0-0",
        "libxkbcommon.so.0": "libxkbcommon0",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-image.so.0": "libxcb-image0",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-randr.so.0": "libxcb-randr0",
        "libxcb-render-util.so.0": "libxcb-render-util0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxcb-xkb.so.1": "libxcb-xkb1",
    },
)
WINDOW_TESTS = Part(
    "tests of the window are skipped on a machine without a display",
    {"Xvfb": "xvfb"},
)

Say = Callable[[str], None]


def provide(parts: tuple[Part, ...], say: Say, *, install: bool = True) -> None:
    """Install what `parts` lack where that can be done without asking; else say how to.

    Never raises for a failed installation: everything else still works.
    """
    if not sys.platform.startswith("linux"):
        return
    packages = missing_packages(parts)
    if packages and install and may_install():
        say(f"Installing system packages with apt-get: {' '.join(packages)}")
        apt_install(packages)
    for part in parts:
        left = missing_packages((part,))
        if left:
            say(f"This system lacks {' '.join(left)}. Without them {part.loss}.")
    left = missing_packages(parts)
    if left:
        say(f"To install them: {command_line(left)}")


def missing_packages(parts: tuple[Part, ...]) -> list[str]:
    """Debian's names of the packages whose files are not on this system, in order, each once."""
    wanted = {file: package for part in parts for file, package in part.packages.items()}
    return list(dict.fromkeys(p for file, p in wanted.items() if not is_present(file)))


def is_present(file: str) -> bool:
    """Whether a shared library can be loaded, or a program is on the path."""
    if ".so" not in file:
        return shutil.which(file) is not None
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Whether apt-get can be used without a password."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> bool:
    """Whether `apt-get` installed `packages`."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The lists of a fresh system or container are empty or old.
    subprocess.run(["apt-get", "update", "-q"], env=quiet, check=False)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    return subprocess.run(command, env=quiet, check=False).returncode == 0


def command_line(packages: list[str]) -> str:
    """The line to type where `apt_install` may not run."""
    line = f"sudo apt-get install {' '.join(packages)}"
    if shutil.which("apt-get"):
        return line
    return f"your package manager's equivalent of {line}"
