"""The one door to the pictures."""

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.render import Render


def rasterize(
    gaussians: Gaussians,
    view: View,
    *,
    sh_degree: int | None = None,
    background: Tensor | None = None,
    features: Tensor | None = None,
    probe: bool = False,
) -> Render:
    """Render `gaussians` from `view`.

    `sh_degree`: bands used (default: all there are). `background` [3] (default
    black). `features` [N, F]: more channels to splat, with gradients. `probe`
    asks for `Render.means2d`.

    The data choose the back end: rows on a CUDA device go to gsplat, float64 rows to
    the plain torch reference that defines correct, float32 rows on the CPU to
    Numba. Gradients reach every Gaussian parameter, the features, and
    `view.camera_from_scene`.

    Raises `Unavailable` where the rows lie on a CUDA device and gsplat is missing.
    """
    degree = gaussians.sh_degree if sh_degree is None else min(sh_degree, gaussians.sh_degree)
    background = (torch.zeros(3) if background is None else background).to(gaussians.means)
    if gaussians.means.is_cuda:
        from core.render.gsplat_backend import rasterize_gsplat as backend
    elif gaussians.means.dtype == torch.float64:
        from core.render.reference import rasterize_reference as backend
    else:
        from core.render.cpu.autograd import rasterize_cpu as backend
    return backend(gaussians, view, degree, background, features, probe)
