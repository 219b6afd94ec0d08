"""Ways to an OpenGL context: the one that is current, or one without a window."""

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import moderngl

from core.errors import Unavailable

VERSION = 330


class _Loader:
    """What moderngl asks for the addresses of GL's functions.

    Left to itself it guesses the platform's own way, which fails where Qt made the context by
    another (EGL on X11, Wayland).
    """

    def __init__(self, address: Callable[[str], int]) -> None:
        self._address = address

    def load_opengl_function(self, name: str) -> int:
        return self._address(name)

    def release(self) -> None:
        pass

    def __enter__(self) -> "_Loader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass


def attach(address: Callable[[str], int]) -> moderngl.Context:
    """The context current on this thread; `address(name)` is that of a GL function, 0 if none.

    Raises `Unavailable` where it is older than OpenGL 3.3.
    """
    try:
        # moderngl's stubs hold every setting to be a dictionary.
        settings: dict[str, Any] = {"context": _Loader(address)}
        return moderngl.create_context(require=VERSION, **settings)
    except Exception as error:  # moderngl raises what it likes, plain Exception too
        raise Unavailable(
            f"The 3D view needs OpenGL 3.3 and could not have it ({_first_line(error)}).",
            hint="Update the graphics driver, or start with LIBGL_ALWAYS_SOFTWARE=1 (slower).",
        ) from error


@contextmanager
def standalone() -> Iterator[moderngl.Context]:
    """A context without a window, through EGL, current until the block ends.

    Raises `Unavailable`.
    """
    made = _without_window()
    try:
        yield made
    finally:
        made.release()
        # It stays current all the same, and a thread that has a context of EGL can have none of
        # GLX, which Qt asks for.
        with contextlib.suppress(OSError):
            ctypes.CDLL("libEGL.so.1").eglReleaseThread()


def _without_window() -> moderngl.Context:
    try:
        settings: dict[str, Any] = {"backend": "egl"}
        return moderngl.create_standalone_context(require=VERSION, **settings)
    except Exception as error:  # a missing library, display or driver each raise their own
        raise Unavailable(
            f"Pictures without a window need OpenGL 3.3 through EGL ({_first_line(error)}).",
            hint="Install libegl1 and libgl1-mesa-dri (Debian, Ubuntu); the window needs neither.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
