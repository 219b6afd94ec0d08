"""What the engines' processes do first: load libraries and compile, telling what they are at.

Imports within the functions, since they are what is told of.
"""

from collections.abc import Iterator


def warm_builder() -> Iterator[str]:
    """Load and compile what placing and training need."""
    yield "Loading PyTorch"
    from app.threads import set_threads

    set_threads()
    yield "Loading the trainer"
    import app.jobs.build  # noqa: F401
    from core.train.rehearsal import rehearse

    yield "Compiling the rasterizer"
    rehearse()


def warm_desk() -> Iterator[str]:
    """Load what reading and writing need."""
    yield "Loading PyTorch"
    from app.threads import set_threads

    set_threads()
    yield "Loading the readers"
    import app.jobs.files
    import app.jobs.photos  # noqa: F401


def warm_masks() -> Iterator[str]:
    """Load what finding objects in photos needs."""
    yield "Loading the segmenter"
    import app.jobs.masks  # noqa: F401
