"""Masks in a reconstruction: what is left out of the loss says nothing to the Gaussians."""

import pytest
import torch

from core.train.ignored import without_ignored
from core.train.losses import photometric_loss


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_ignored_pixels_have_no_gradient(kind: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(1)
    color = torch.rand(40, 50, 3, generator=generator, dtype=kind).requires_grad_()
    photo = torch.randint(0, 255, (40, 50, 3), generator=generator, dtype=torch.uint8)
    ignored = torch.zeros(40, 50, dtype=torch.bool)
    ignored[10:30, 5:25] = True
    exposure = torch.tensor([[1.1, 0.9, 1.0], [0.02, 0.0, -0.03]], dtype=kind)
    kept = without_ignored(color, photo, ignored, exposure)
    photometric_loss(kept, photo, exposure).loss.backward()
    assert color.grad is not None
    assert not color.grad[ignored].any()
    assert color.grad[~ignored].any()


def test_a_photo_ignored_altogether_has_no_loss() -> None:
    color, photo = torch.rand(32, 32, 3), torch.randint(0, 255, (32, 32, 3), dtype=torch.uint8)
    exposure = torch.tensor([[1.2] * 3, [0.1] * 3])
    kept = without_ignored(color, photo, torch.ones(32, 32, dtype=torch.bool), exposure)
    assert float(photometric_loss(kept, photo, exposure).loss) == pytest.approx(0, abs=1e-4)


def test_a_pixel_that_holds_any_of_what_is_ignored_is_ignored() -> None:
    color, photo = torch.rand(8, 8, 3), torch.zeros(8, 8, 3, dtype=torch.uint8)
    ignored = torch.zeros(32, 32, dtype=torch.bool)
    ignored[13, 22] = True
    exposure = torch.tensor([[1.0] * 3, [0.0] * 3])
    kept = without_ignored(color, photo, ignored, exposure)
    changed = (kept != color).any(dim=2)
    assert changed.sum() == 1
    assert changed[3, 5]
