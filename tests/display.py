"""A display for the tests of the window: the one there is, or Xvfb of our own."""

import atexit
import os
import shutil
import subprocess
import sys

SCREEN = "1600x1000x24"
OWN = "MAQUETTE_TEST_DISPLAY"  # set where DISPLAY is one that was started here


def missing_display() -> str:
    """Why no window can be opened, in words; "" where one can. Starts Xvfb where it is needed.

    Of several processes of tests each has its own: on one display they'd take the keyboard
    from each other.
    """
    if not sys.platform.startswith("linux"):
        return ""
    served = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    possible = shutil.which("Xvfb") is not None
    beside_others = "PYTEST_XDIST_WORKER" in os.environ
    if OWN in os.environ or (served and not (beside_others and possible)):
        return ""
    if not possible:
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
    os.environ["DISPLAY"] = os.environ[OWN] = f":{number}"
    os.environ.pop("WAYLAND_DISPLAY", None)
    # At the very end: Qt leaves the process at once where its server goes first.
    atexit.register(server.kill)
