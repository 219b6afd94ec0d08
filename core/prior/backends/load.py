"""Any prior from a folder: which adapter it takes is read from what lies in it."""

from enum import Enum
from pathlib import Path
from typing import Any

import torch

from core.errors import Unavailable, UserError
from core.prior.backends.depth_control import KIND as CONTROLNET
from core.prior.backends.depth_control import depth_shown, load_controlnet
from core.prior.backends.files import OTHERWISE, find_folder, parts_of, read_json
from core.prior.backends.fixer import fixer
from core.prior.backends.flow import KIND as TRANSFORMER
from core.prior.backends.flow import flow_model
from core.prior.backends.image_to_image import image_to_image
from core.prior.backends.inpaint import CHANNELS, inpaint
from core.prior.backends.making import PLAIN, Settings
from core.prior.backends.parts import Place, not_together
from core.prior.protocol import Prior
from core.prior.reconfusion.config import CLASS as RECONFUSION
from core.prior.reconfusion.folder import load_reconfusion

UNET = "UNet2DConditionModel"
BESIDE = " + "  # between a folder of Stable Diffusion and one of a ControlNet


class Kind(Enum):
    """The kinds of prior that folders hold."""

    RECONFUSION = "ReconFusion network"
    FIXER = "DifixPipeline"
    FLOW = "Stable Diffusion 3"
    STABLE = "Stable Diffusion 1 or 2"


def load_prior(
    place: str,
    *,
    device: str = "cpu",
    half: bool | None = None,
    offload: bool = False,
    tiling: bool = False,
    control: str | None = None,
    settings: Settings = PLAIN,
) -> Prior:
    """The prior at `place`, a folder in diffusers' layout or the hub name of one on this machine,
    or a folder that train-prior wrote; "FOLDER + FOLDER" for one with a ControlNet beside it.

    `half`: computes in float16 (unless told, everywhere but on the CPU). `offload`: weights stay
    in memory and visit the card layer by layer. `tiling`: pictures larger than the autoencoder
    knows are encoded and decoded in tiles. `control`: where a ControlNet for depth lies that is
    not in the folder itself. Nothing is ever downloaded.

    Raises `Unavailable` where nothing is there or a package is missing, `UserError` for files
    that are missing, cut off, do not fit each other, or are of something else.
    """
    place, beside = _named(place)
    control = beside or control
    folder = find_folder(place)
    where = place_for(device, half, offload)
    kind, index = recognised(folder)
    if control is not None and kind is not Kind.STABLE:
        raise UserError(
            f"{folder} is a {kind.value}, which heeds no ControlNet.",
            hint="Leave the ControlNet out.",
        )
    if kind is Kind.RECONFUSION:
        return load_reconfusion(folder, where)
    if kind is Kind.FIXER:
        return fixer(folder, where, _with_reference(index))
    if kind is Kind.FLOW:
        return flow_model(folder, where, tiling, settings)
    takes = read_json(folder / "unet", "config.json").get("in_channels")
    load = inpaint if takes == CHANNELS else image_to_image
    found = _controlnet(folder, parts_of(index), control, where)
    shown = () if found is None else (depth_shown,)
    prior = load(folder, where, tiling, settings, controlnet=found, shown=shown)
    if found is not None and found.config.cross_attention_dim != prior.words["words"].shape[2]:
        raise not_together(folder, "the ControlNet is of another Stable Diffusion")
    return prior


def kind_at(place: str) -> Kind:
    """What lies at `place`, as `load_prior` takes it, by its settings alone.

    Raises as `load_prior` does where it is no prior, or no folder of a ControlNet is beside it.
    """
    place, beside = _named(place)
    if beside:
        find_folder(beside)
    return recognised(find_folder(place))[0]


def recognised(folder: Path) -> tuple[Kind, dict[str, Any]]:
    """What lies in `folder`, by its settings alone, and these: nothing is loaded.

    Raises `UserError` for what is no prior.
    """
    names = {name: folder / name for name in ("config.json", "model_index.json")}
    if not any(file.is_file() for file in names.values()):
        raise UserError(
            f"{folder} holds no model: model_index.json is missing or damaged there.",
            hint="Choose the folder that this file is in. " + OTHERWISE,
        )
    if not names["model_index.json"].is_file():
        config = read_json(folder, "config.json")
        alone = config.get("_class_name", "single network")
        if alone == RECONFUSION:
            return Kind.RECONFUSION, config
        advice = "Name it after a Stable Diffusion 1: DIR + DIR. " if alone == CONTROLNET else ""
        raise UserError(f"{folder} holds a {alone} alone.", hint=advice + OTHERWISE)
    index = read_json(folder, "model_index.json")
    parts = parts_of(index)
    name = index.get("_class_name")
    name = str(name[-1] if isinstance(name, list) and name else name)
    if name == Kind.FIXER.value:
        return Kind.FIXER, index
    if parts.get("transformer") == TRANSFORMER:
        return Kind.FLOW, index
    if parts.get("unet") != UNET or "text_encoder_2" in parts:
        raise UserError(
            f"{folder} is a {name}, and Stable Diffusion 1, 2 or 3, or Difix, is wanted.",
            hint=OTHERWISE,
        )
    return Kind.STABLE, index


def place_for(device: str, half: bool | None, offload: bool, wide: bool = False) -> Place:
    """Where a network computes, and in what. Raises `Unavailable` without a card asked for."""
    target = torch.device(device)
    if target.type == "cuda" and not torch.cuda.is_available():
        raise Unavailable(
            "There is no NVIDIA card that can be used here.",
            hint="Let the prior compute on the processor.",
        )
    return Place(target, target.type != "cpu" if half is None else half, offload, wide)


def _named(place: str) -> tuple[str, str]:
    """The prior's place and that of a ControlNet beside it, "" for none."""
    if Path(place).expanduser().exists():
        return place, ""
    first, _, beside = place.partition(BESIDE)
    return first.strip(), beside.strip()


def _controlnet(folder: Path, parts: dict[str, str], control: str | None, where: Place) -> Any:
    """The ControlNet named, or that in the folder, or none."""
    if control is not None:
        return load_controlnet(find_folder(control), ".", where)
    return load_controlnet(folder, "controlnet", where) if "controlnet" in parts else None


def _with_reference(index: dict[str, Any]) -> bool:
    """Whether a fixer was trained with a photo beside the draft.

    That one's U-Net is of a class of its own, and its weights have the same names.
    """
    unet = index.get("unet")
    return isinstance(unet, list) and bool(unet) and unet[0] != "diffusers"
