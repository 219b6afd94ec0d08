"""Where Gaussians come from: what the photos measured, and what was only made to fit."""

from enum import IntEnum

from torch import Tensor


class Origin(IntEnum):
    """What a Gaussian's place rests on; the numbers are those in files."""

    OBSERVED = 0  # photos that see it from different directions
    REGULARISED = 1  # one photo or none: how far away it is was not measured
    FILLED = 2  # put there without evidence
    IMAGINED = 3  # seen by no photo: it fits what a prior took for likely


def provenance_summary(origin: Tensor, confidence: Tensor) -> dict[str, float]:
    """How many of `origin` [N] there are of each kind, and the mean `confidence` [N], for JSON."""
    counts = {kind.name.lower(): int((origin == kind).sum()) for kind in Origin}
    mean = float(confidence.double().mean()) if len(confidence) else 0.0
    return {**counts, "mean_confidence": mean}
