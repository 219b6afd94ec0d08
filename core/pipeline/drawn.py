"""A picture in place of photos: what words say, drawn by a network of the user's."""

from collections.abc import Iterator
from pathlib import Path

from core.progress import Progress

NAME = "drawn.png"


def drawn_photo(
    words: str, model: str, folder: Path, *, seed: int, device: str
) -> Iterator[Progress | Path]:
    """A PNG file in `folder` of what `words` say, by the network at `model`; it comes last.

    Raises `Unavailable` and `UserError` where the network cannot draw.
    """
    from PIL import Image

    from core.prior.backends.drawing import drawn  # heavy: only when asked for

    for step in drawn(model, words, seed, device=device):
        if isinstance(step, Progress):
            yield step
        else:
            Image.fromarray(step).save(folder / NAME)
            yield folder / NAME
