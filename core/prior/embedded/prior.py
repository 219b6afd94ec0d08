"""The blend as a prior: one step, the same at every level of noise."""

from collections.abc import Generator

from core.prior.embedded.blend import PHOTOS, Blending, blended
from core.prior.embedded.evidence import evidence
from core.prior.protocol import Draft, Target
from core.progress import Progress

STAGE = "Bettering a view"


class EmbeddedPrior:
    """A `core.prior.protocol.Prior` that blends a draft with the photos nearest to it."""

    def __init__(self, blending: Blending) -> None:
        self.blending = blending

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """It knows no noise, so `level` and `seed` change nothing; sure where a photo shows it."""
        yield Progress(STAGE, 0, 1)
        found = evidence(draft, PHOTOS)
        picture = blended(found, self.blending)
        return Target(picture.permute(1, 2, 0), found.valid.amax(dim=0))
