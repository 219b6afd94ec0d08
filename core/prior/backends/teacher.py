"""A network of pictures by words from a folder, as distillation asks it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from core.errors import UserError
from core.prior.backends.autoencoder import Autoencoder
from core.prior.backends.files import OTHERWISE, find_folder
from core.prior.backends.image_to_image import LATENTS, Unet, check_widths
from core.prior.backends.load import Kind, place_for, recognised
from core.prior.backends.making import as_conditions
from core.prior.backends.noise import read_noise
from core.prior.backends.parts import Place, load_part, not_together
from core.prior.backends.words import clip_words
from core.prior.distill import Teacher
from core.prior.sampler import Conditions, Denoiser, Prediction

CHANNELS = 4  # of latents: normals and opacity take their place while a shape is made


def load_teacher(
    place: str,
    texts: Sequence[str],
    *,
    device: str = "cpu",
    half: bool | None = None,
    offload: bool = False,
) -> Teacher:
    """Stable Diffusion 1 or 2 at `place`, see `load_prior`, that knows `texts` and no other words.

    Its text encoder is let go once it has read them. Raises `Unavailable` and `UserError` as
    `load_prior` does, and where the network makes no pictures by words alone.
    """
    folder = check_teacher(place)
    where = place_for(device, half, offload)
    schedule, prediction = read_noise(folder)
    if prediction is Prediction.FLOW:
        raise not_together(folder, "a U-Net, and a scheduler for flows")
    told = clip_words(folder, tuple(texts), where)
    known = {text: as_conditions(words) for text, words in zip(texts, told, strict=True)}
    autoencoder = Autoencoder.load(folder, where, tiling=False)
    unet = load_part(folder, "unet", "UNet2DConditionModel", where)
    check_widths(folder, unet.config, told[0])
    channels = (unet.config.in_channels, unet.config.out_channels, autoencoder.channels)
    if channels != (CHANNELS,) * 3:
        what = "network for inpainting" if channels[0] > CHANNELS else "network of other latents"
        raise _unfit(folder, what)
    side = int(unet.config.sample_size or LATENTS)
    return Teacher(
        Denoiser(Unet(unet), schedule, prediction, where.dtype),
        _Known(known, where),
        autoencoder.traced,
        latent=side,
        picture=side * autoencoder.factor,
    )


def check_teacher(place: str) -> Path:
    """The folder of the network at `place`. Raises as `load_teacher` for what is easily known."""
    folder = find_folder(place)
    kind, _ = recognised(folder)
    if kind is not Kind.STABLE:
        raise _unfit(folder, kind.value)
    return folder


class _Known:
    """Words that were read before."""

    def __init__(self, known: Mapping[str, Conditions], where: Place) -> None:
        self._known, self._where = known, where

    def __call__(self, text: str) -> Conditions:
        def there(value: Tensor) -> Tensor:
            return value.to(self._where.device)

        return {name: there(value) for name, value in self._known[text].items()}


def _unfit(folder: Path, what: str) -> UserError:
    return UserError(
        f"{folder} is a {what}, and words change objects by Stable Diffusion 1 or 2.",
        hint="Use stable-diffusion-2-1 or one like it. " + OTHERWISE,
    )
