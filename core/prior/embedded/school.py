"""How photos left out teach the embedded prior: which blend of draft and photos is best."""

from collections.abc import Generator, Sequence

from torch import Tensor

from core.prior.drafts import shown
from core.prior.embedded.blend import PHOTOS, Blending, Lesson, decibels, learned
from core.prior.embedded.evidence import evidence
from core.prior.embedded.prior import EmbeddedPrior
from core.prior.protocol import Draft
from core.progress import Progress


class BlendingSchool:
    """A `core.pipeline.learned.School`."""

    def lesson(
        self, draft: Draft, truth: Tensor, counted: Tensor
    ) -> Generator[Progress, None, Lesson]:
        """The evidence for `draft`; at once."""
        yield from ()
        return Lesson(evidence(draft, PHOTOS), truth, counted * shown(draft))

    def best(self, lessons: Sequence[Lesson]) -> Blending:
        return learned(lessons)

    def psnr(self, lesson: Lesson, way: Blending | None) -> float:
        return decibels(lesson, way)

    def helper(self, way: Blending) -> EmbeddedPrior:
        return EmbeddedPrior(way)
