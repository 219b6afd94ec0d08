"""Adapter: gsplat 1.5.3, for rows on a CUDA device. The only file that imports it."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor

from core.errors import Unavailable
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.render import BLUR, NEAR, Render


def require_gsplat() -> None:
    """Raise `Unavailable` unless gsplat is there, compiled, and has a CUDA device to run on.

    The package from PyPI compiles its kernels on first use, which takes minutes and
    a CUDA compiler: that is never set off from here.
    """
    if not torch.cuda.is_available():
        raise Unavailable(
            "There is no CUDA device that this PyTorch can use.",
            hint="Use --device cpu, or install a PyTorch built for CUDA.",
        )
    found = importlib.util.find_spec("gsplat")
    if found is None or found.origin is None:
        raise Unavailable(
            "The CUDA renderer is not installed.",
            hint="Run: pip install 'maquette[cuda]'. Until then the CPU renderer is used.",
        )
    if not _is_compiled(Path(found.origin).parent):
        raise Unavailable(
            "The CUDA renderer (gsplat) is installed but not compiled.",
            hint="Compile it once, some minutes, with: python -c 'import gsplat.cuda._backend'. "
            "Until then the CPU renderer is used.",
        )


def rasterize_gsplat(
    gaussians: Gaussians,
    view: View,
    sh_degree: int,
    background: Tensor,
    features: Tensor | None,
    probe: bool,
) -> Render:
    """See `rasterize`. float32 on a CUDA device."""
    require_gsplat()
    from gsplat import rasterization

    camera, device = view.camera, gaussians.means.device
    shared = {
        "means": gaussians.means,
        "quats": gaussians.quats,
        "scales": torch.exp(gaussians.log_scales),
        "opacities": torch.sigmoid(gaussians.logit_opacity),
        "viewmats": view.camera_from_scene.to(gaussians.means)[None],
        "Ks": camera.matrix().to(gaussians.means)[None],
        "width": camera.width,
        "height": camera.height,
        "near_plane": NEAR,
        "eps2d": BLUR,
        "packed": False,
    }
    bands = (sh_degree + 1) ** 2
    drawn, alphas, facts = rasterization(
        **shared, colors=gaussians.sh[:, :bands], sh_degree=sh_degree, render_mode="RGB+D"
    )
    alpha = alphas[0, ..., 0]
    means2d = torch.zeros(len(gaussians), 2, device=device, requires_grad=True) if probe else None
    if means2d is not None and facts["means2d"].requires_grad:
        facts["means2d"].register_hook(lambda gradient: _note(means2d, gradient))
    splatted = None
    if features is not None:
        splatted = rasterization(**shared, colors=features)[0][0]
    return Render(
        color=drawn[0, ..., :3] + (1 - alpha)[..., None] * background,
        alpha=alpha,
        depth_sum=drawn[0, ..., 3],
        features=splatted,
        radii=facts["radii"][0].amax(dim=-1).float(),
        means2d=means2d,
    )


def _note(probe: Tensor, gradient: Tensor) -> None:
    probe.grad = gradient[0]


def _is_compiled(package: Path) -> bool:
    """Whether a prebuilt extension or one compiled earlier is there; looks, never builds."""
    if any(package.glob("csrc*.so")) or any(package.glob("csrc*.pyd")):
        return True
    from torch.utils.cpp_extension import _get_build_directory

    built = Path(_get_build_directory("gsplat_cuda", False))
    return any((built / f"gsplat_cuda{ending}").exists() for ending in (".so", ".pyd", ".lib"))
