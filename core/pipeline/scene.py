"""From a capture to its Gaussians, whether it has one photo or more."""

from collections.abc import Generator
from pathlib import Path

from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.pipeline.build import Built, Event, Host, PlacePhotos, Task, build
from core.pipeline.lone import build_lone


def make_scene(
    capture: Capture, places: PlacePhotos | Reconstruction, work: Path, task: Task, host: Host
) -> Generator[Event, None, Built]:
    """See `build`; of one photo see `build_lone`, which works its place out itself."""
    if len(capture.photos) == 1:
        return (yield from build_lone(capture, task, host))
    return (yield from build(capture, places, work, task, host))
