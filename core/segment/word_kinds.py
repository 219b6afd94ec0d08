"""Which networks understand words, by what their folders say; light enough for the window."""

from core.segment.folders import is_of

DINO = frozenset({"grounding-dino", "mm-grounding-dino"})
SAM3 = frozenset({"sam3", "sam3_video"})


def understands_words(place: str) -> bool:
    """Whether the folder `place` says that it is a network for words; opens nothing."""
    return is_of(place, DINO | SAM3)
