"""Keys as a keyboard sends them, through the X server: with codes and the signs of a layout."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.program import Program
from core.gaussians.arrays import SplatArrays
from tests.scenes import cloud
from tests.window_parts import opened, pause, until
from widgets.viewport.options import Shading

pytestmark = pytest.mark.external
SHIFT, FIVE, SIX, H = 50, 14, 15, 43  # codes of keys on every keyboard, by their place

Press = Callable[[int], None]


@pytest.fixture(scope="module")
def program(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("home")) as program:
        yield program


@pytest.fixture(scope="module")
def press(program: Program) -> Press:
    """A key together with Shift, after what a window manager would do."""
    try:
        x11, xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    except OSError as error:
        pytest.skip(str(error))
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if not display:
        pytest.skip("no X server")
    window = ctypes.c_ulong(int(program.window.winId()))
    x11.XSetInputFocus(display, window, 1, ctypes.c_ulong(0))
    x11.XFlush(display)

    def press(code: int) -> None:
        for key, down in ((SHIFT, 1), (code, 1), (code, 0), (SHIFT, 0)):
            xtest.XTestFakeKeyEvent(display, key, down, ctypes.c_ulong(0))
        x11.XFlush(display)
        pause(0.2)

    return press


@pytest.fixture(params=["us", "de", "fr"])
def layout(request: pytest.FixtureRequest) -> Iterator[str]:
    if shutil.which("setxkbmap") is None:
        pytest.skip("setxkbmap is missing (Debian's package is x11-xkb-utils)")
    yield str(request.param)
    subprocess.run(["setxkbmap", "us"], check=True)


def test_keys_with_shift_say_what_is_shown(program: Program, press: Press, layout: str) -> None:
    program.document.show(content=SplatArrays.from_gaussians(cloud(50)))
    program.show_workspace("build")
    program.shade(Shading.COLOR)
    program.window.viewport.setFocus()
    subprocess.run(["setxkbmap", layout], check=True)
    pause(0.5)
    for code, shading in ((FIVE, Shading.OBJECTS), (SIX, Shading.ORIGIN)):
        press(code)
        until(lambda shading=shading: program.options.shading is shading)  # type: ignore[misc]
    filled = program.options.filled
    press(H)
    until(lambda: program.options.filled is not filled)
