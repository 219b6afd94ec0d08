"""A display for the tests of the window: the one there is, or Xvfb of our own."""

import atexit
import os
import shutil
import subprocess
import sys

SCREEN = "1600x1000x24"


def missing_display() -> str:
    """Why no window can be opened, in words; "" where one can. Starts Xvfb where it is needed."""
    if not sys.platform.startswith("linux"):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    if shutil.which("Xvfb") is None:
        return "no display, and no Xvfb to make one (Debian's package is xvfb)"
    _start()
    return ""


def _start() -> None:
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        number = answer.readline().strip()
    assert number, "Xvfb did not start"
    os.environ["DISPLAY"] = f":{number}"
    # At the very end: Qt leaves the process at once where its server goes first.
    atexit.register(server.kill)
