"""ReconFusion's network on disk: config.json, network.safetensors, and published parts beside."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from core.errors import UserError
from core.prior.backends.autoencoder import Autoencoder
from core.prior.backends.files import AGAIN, read_json
from core.prior.backends.parts import Place, load_part
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.network import Network
from core.prior.reconfusion.prior import ReconFusion
from core.project.files import replaced, told

CONFIG, WEIGHTS = "config.json", "network.safetensors"
CLIP, AUTOENCODER = "image_encoder", "vae"  # folders of published parts


def make(
    config: Config, folder: Path | None = None, place: Place | None = None, seed: int = 0
) -> ReconFusion:
    """A network that has learned nothing; its published parts, if it has any, from `folder`."""
    place = place or Place(torch.device("cpu"))
    clip = autoencoder = None
    if config.clip:
        assert folder is not None
        clip = load_part(folder, CLIP, "CLIPVisionModel", place)
    if not config.patch:
        assert folder is not None
        autoencoder = Autoencoder.load(folder, place, tiling=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(config, clip).to(place.device)
    return ReconFusion(network, autoencoder, place.dtype, place.device)


def save_reconfusion(folder: Path, prior: ReconFusion) -> None:
    """Write what was trained to `folder`, each file whole or as it was. Raises `UserError`.

    Published parts are not trained, and are not written.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    weights = {name: each.contiguous() for name, each in prior.network.state_dict().items()}
    with replaced(folder / WEIGHTS) as file:
        file.write(save(weights))
    with replaced(folder / CONFIG) as file:
        file.write(json.dumps(prior.config.as_json(), indent=1).encode())


def load_reconfusion(folder: Path, place: Place | None = None) -> ReconFusion:
    """The prior in `folder`, ready to be asked.

    Raises `UserError` for files that are missing, cut off or do not fit each other,
    `Unavailable` without diffusers.
    """
    config = Config.from_json(read_json(folder, CONFIG))
    weights = _weights(folder / WEIGHTS)
    try:
        prior = make(config, folder, place)
    except (TypeError, ValueError, RuntimeError, KeyError) as error:
        raise UserError(f"No network can be made of {CONFIG} in {folder}.", hint=AGAIN) from error
    try:
        prior.network.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"In {folder}, {WEIGHTS} does not fit {CONFIG}: it is of a network of other sizes.",
            hint=AGAIN,
        ) from error
    prior.network.to(prior.device).eval().requires_grad_(False)
    if prior.dtype != torch.float32:
        prior.network.unet.to(prior.dtype)
    return prior


def _weights(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise UserError(f"In {file.parent}, {file.name} is missing.", hint=AGAIN)
    try:
        return load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(
            f"In {file.parent}, {file.name} is cut off or damaged.", hint=AGAIN
        ) from error
