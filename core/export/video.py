"""MP4 films by PyAV, which brings FFmpeg along: the only file that knows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.project.files import told

Pixels = NDArray[np.uint8]

CODEC = "libx264"  # H.264 is what every player and browser shows
QUALITY = "18"  # constant rate factor: no loss to be seen
BT709 = 1  # how FFmpeg numbers the colours of HDTV, which players take films for


def library() -> ModuleType:
    """PyAV. Raises `Unavailable` where it is missing, or cannot write H.264."""
    try:
        import av
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"Films cannot be written: PyAV does not start ({error}).",
            hint="Run: pip install av. Pictures (PNG) can be written without it.",
        ) from error
    if CODEC not in av.codecs_available:
        raise Unavailable(
            "Films cannot be written: this build of PyAV has no H.264.",
            hint="Install PyAV's own wheel: pip install --force-reinstall av.",
        )
    return av


class Film:
    """A film being written; `add` its frames in their order."""

    def __init__(self, av: ModuleType, container: Any, size: tuple[int, int], rate: int) -> None:
        self._av, self._container = av, container
        stream = self._stream = container.add_stream(CODEC, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": QUALITY}
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709

    def add(self, pixels: Pixels) -> None:
        """One frame [H, W, 3]."""
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="itu709")
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what was held back."""
        self._container.mux(self._stream.encode())


@contextmanager
def film(path: Path, size: tuple[int, int], rate: int) -> Iterator[Film]:
    """A film of `size` (width, height: even) at `path`, which must not exist; whole at the end.

    Raises `UserError` where nothing can be written, `Unavailable` without PyAV.
    """
    av = library()
    # Through a file of ours: what the system says about it is then known.
    with told(path), path.open("x+b") as file:
        options = {"movflags": "+faststart"}
        with av.open(file, "w", format="mp4", options=options) as container:
            writing = Film(av, container, size, rate)
            yield writing
            writing.finish()


def frames(path: Path) -> Iterator[Pixels]:
    """The frames [H, W, 3] of the film at `path`. Raises `UserError` where it is damaged."""
    av = library()
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24", src_colorspace="itu709")
    except (av.error.FFmpegError, IndexError) as error:
        raise UserError(
            f"{path} is not a film that can be played: {error}.", hint="Write it again."
        ) from error
