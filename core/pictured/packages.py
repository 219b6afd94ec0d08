"""Makers of objects that users install themselves: TRELLIS, Hunyuan3D and SAM 3D Objects.

None of them comes through a package registry, and each wants an NVIDIA card. They are imported when
asked for; what they make is taken through files, in the formats that they write.
"""

import importlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import Unavailable, UserError
from core.export.any_ply import read_splats
from core.export.glb_meshes import read_painted_glb
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.geometry.pose import Pose
from core.pictured.protocol import UNTIL, Body, Maker
from core.prior.backends.files import first_line
from core.progress import Progress

Picture = NDArray[np.uint8]

WORK = "Making its body"
Y_FROM_Z = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # z was up
SAM_3D = "pipeline.yaml"
TARGET = "_target_"
TARGETS = ("sam3d_objects", "torch", "torchvision", "moge")  # what its file may have made of it


def open_package(folder: Path) -> Maker | None:
    """The maker whose weights lie in `folder`, by the files that it is published with.

    None where it is of no package that is known here. Raises `Unavailable` where the package is
    not installed, `UserError` where the weights cannot be read.
    """
    settings = _settings(folder / "pipeline.json")
    if str(settings.get("name", "")).startswith("Trellis"):
        package = _imported("trellis.pipelines", "TRELLIS", "github.com/microsoft/TRELLIS")
        with opening(folder, "TRELLIS"):
            return trellis(on_card(package.TrellisImageTo3DPipeline.from_pretrained(str(folder))))
    if (folder / SAM_3D).is_file():
        return _sam_3d(folder)
    if any(folder.glob("hunyuan3d-dit-*")):
        where = "github.com/Tencent-Hunyuan/Hunyuan3D-2"
        package = _imported("hy3dgen.shapegen", "Hunyuan3D", where)
        with opening(folder, "Hunyuan3D"):
            shape = package.Hunyuan3DDiTFlowMatchingPipeline.from_pretrained(str(folder))
        return Hunyuan(shape, _painter(folder))
    return None


@dataclass(frozen=True, eq=False)
class Splatting:
    """A `Maker` of Gaussians, z up: `ask` gives a package's own for a picture and a seed."""

    what: str
    ask: Callable[[Picture, int], Any]

    def make(self, picture: Picture, seed: int) -> Iterator[Progress | Body]:
        """See `Maker`."""
        yield Progress(WORK, 0, 1)
        with answering(self.what):
            yield Body(splats=_saved(self.ask(picture, seed)))


def trellis(pipeline: Any) -> Maker:
    """TRELLIS (Xiang et al., 2024)."""

    def ask(picture: Picture, seed: int) -> Any:
        told = pipeline.run(Image.fromarray(picture), seed=seed, formats=["gaussian"])
        return told["gaussian"][0]

    return Splatting("TRELLIS", ask)


def sam_3d(pipeline: Any) -> Maker:
    """SAM 3D Objects (Meta, 2025)."""

    def ask(picture: Picture, seed: int) -> Any:
        told = pipeline.run(
            picture, None, seed, stage1_only=False, with_mesh_postprocess=False,
            with_texture_baking=False, with_layout_postprocess=False, use_vertex_color=True,
            stage1_inference_steps=None,
        )  # fmt: skip
        return told["gs"] if "gs" in told else told["gaussian"][0]

    return Splatting("SAM 3D", ask)


@dataclass(frozen=True, eq=False)
class Hunyuan:
    """Hunyuan3D 2 (Tencent, 2025): a mesh, y up, painted where its painter is there."""

    shape: Any
    painter: Any | None

    def make(self, picture: Picture, seed: int) -> Iterator[Progress | Body]:
        """See `Maker`."""
        import torch

        yield Progress(WORK, 0, 2)
        shown = Image.fromarray(picture)
        with answering("Hunyuan3D"):
            mesh = self.shape(image=shown, generator=torch.manual_seed(seed))[0]
            yield Progress(WORK, 1, 2)
            if self.painter is not None:
                mesh = self.painter(mesh, image=shown)
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "body.glb"
                mesh.export(str(file))
                yield Body(parts=read_painted_glb(file))


def on_card(pipeline: Any) -> Any:
    """`pipeline`, on the card where there is one."""
    import torch

    if torch.cuda.is_available():
        pipeline.cuda()
    return pipeline


@contextmanager
def opening(folder: Path, what: str) -> Iterator[None]:
    """Whatever a package raises as it reads its weights, as a `UserError`."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"{what} in {folder} cannot be opened ({first_line(error)}).",
            hint=f"Download the folder again, all of its files. {UNTIL}",
        ) from error


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Whatever a package raises as it works, as a `UserError`."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"{what} could not make the object ({first_line(error)}).", hint=UNTIL
        ) from error


def _sam_3d(folder: Path) -> Maker:
    where = "github.com/facebookresearch/sam-3d-objects"
    _imported("sam3d_objects.pipeline.inference_pipeline_pointmap", "SAM 3D", where)
    omega, hydra = (_imported(name, "SAM 3D", where) for name in ("omegaconf", "hydra.utils"))
    with opening(folder, "SAM 3D"):
        config = omega.OmegaConf.load(str(folder / SAM_3D))
        plain = omega.OmegaConf.to_container(config)
        unknown = [each for each in targets(plain) if each.split(".")[0] not in TARGETS]
        if unknown:
            raise UserError(
                f"{SAM_3D} in {folder} asks for code of another package: {unknown[0]}.",
                hint="Use the folder as it was published.",
            )
        config.rendering_engine, config.compile_model = "pytorch3d", False
        config.workspace_dir = str(folder)
        return sam_3d(hydra.instantiate(config))


def targets(told: object) -> list[str]:
    """All that a file of settings wants to have made, at any depth."""
    if isinstance(told, dict):
        own = [str(told[TARGET])] if TARGET in told else []
        return own + [each for value in told.values() for each in targets(value)]
    if isinstance(told, list):
        return [each for value in told for each in targets(value)]
    return []


def _painter(folder: Path) -> Any | None:
    """Hunyuan3D's second half; without it bodies are grey."""
    if not any(folder.glob("hunyuan3d-paint-*")):
        return None
    try:
        package = importlib.import_module("hy3dgen.texgen")
    except Exception:  # noqa: BLE001 - its own extension has to be compiled, which may fail anyhow
        return None
    with opening(folder, "Hunyuan3D"):
        return package.Hunyuan3DPaintPipeline.from_pretrained(str(folder))


def _imported(name: str, what: str, where: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Unavailable(
            f"These are weights of {what}, whose package {name.split('.')[0]} cannot start "
            f"({first_line(error)}).",
            hint=f"Install it as {where} says. {UNTIL}",
        ) from error


def _settings(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _saved(splats: Any) -> SplatArrays:
    """Gaussians of a package, through the PLY file that it writes of them, y up."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "body.ply"
        splats.save_ply(str(file), transform=None)
        return SplatArrays.from_gaussians(moved(read_splats(file), Pose(Y_FROM_Z, np.zeros(3))))
