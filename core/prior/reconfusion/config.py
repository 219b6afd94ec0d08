"""What ReconFusion's network is made of, as its folder says it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.errors import UserError
from core.prior.sampler import Prediction
from core.prior.schedules import Schedule, linear, scaled_linear, zero_terminal

CLASS = "MaquetteReconFusion"
SCHEDULES: dict[str, Schedule] = {
    "linear": linear(),
    "scaled_linear": scaled_linear(),
    "zero_terminal": zero_terminal(scaled_linear()),
}
SMALL_UNET = {
    "in_channels": 27,  # 12 of the latents, 12 features, 3 of colour
    "out_channels": 12,
    "block_out_channels": [24, 32, 48],
    "layers_per_block": 1,
    "down_block_types": ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
    "norm_num_groups": 8,
    "cross_attention_dim": 32,
    "attention_head_dim": 3,
}


@dataclass(frozen=True)
class Config:
    """Sizes of the networks; the smallest setting, which learns on a processor, by default.

    `unet` is the config of diffusers' UNet2DConditionModel: its `in_channels` are those of the
    latents, the features and three of colour, and its words have `cross_attention_dim` numbers.
    """

    side: int = 64  # pixels on the longer side of its pictures
    patch: int = 2  # pixels a side that become one latent; 0: an AutoencoderKL is in the folder
    clip: bool = False  # a CLIP image encoder is in the folder; else a small one is learned
    depths: int = 16  # along each ray
    features: int = 12  # of the photos, and of what is seen at the target camera
    hidden: int = 24
    prediction: str = Prediction.PICTURE.value
    schedule: str = "zero_terminal"
    guidance: float = 1.0
    steps: int = 10
    unet: Mapping[str, Any] = field(default_factory=lambda: dict(SMALL_UNET))

    @property
    def latents(self) -> int:
        """Channels of a latent."""
        return int(self.unet["out_channels"])

    @property
    def words(self) -> int:
        """Numbers of a word."""
        return int(self.unet["cross_attention_dim"])

    @property
    def multiple(self) -> int:
        """Latents a side come in whole multiples of this."""
        return int(2 ** (len(self.unet["block_out_channels"]) - 1))

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"_class_name": CLASS, **asdict(self)}

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> "Config":
        """Raises `UserError` where a setting is missing, of another kind or cannot be."""
        if told.get("_class_name") != CLASS:
            raise _wrong(f"it is not of {CLASS}")
        given: dict[str, Any] = {}
        for each in fields(Config):
            default = getattr(Config(), each.name)
            value = told.get(each.name)
            if isinstance(default, float) and isinstance(value, int):
                value = float(value)
            if not isinstance(value, type(default)) or isinstance(value, bool) != (
                each.name == "clip"
            ):
                raise _wrong(f"{each.name} is missing or not what it should be")
            given[each.name] = value
        config = Config(**given)
        config.check()
        return config

    def check(self) -> None:
        """Raise `UserError` where settings contradict each other."""
        for name in SMALL_UNET:
            if name not in self.unet:
                raise _wrong(f"unet does not say {name}")
        if self.schedule not in SCHEDULES:
            raise _wrong(f'there is no schedule "{self.schedule}"')
        if self.prediction not in [each.value for each in Prediction]:
            raise _wrong(f'there is no prediction "{self.prediction}"')
        if self.prediction == Prediction.EPSILON.value and self.schedule == "zero_terminal":
            raise _wrong("noise alone tells no picture at the end of this schedule")
        if min(self.side, self.depths, self.features, self.hidden, self.steps) < 1:
            raise _wrong("a size is below 1")
        if self.patch and self.latents != 3 * self.patch**2:
            raise _wrong(f"patches of {self.patch} pixels give no {self.latents} channels")
        if self.unet["in_channels"] != self.latents + self.features + 3:
            raise _wrong("the U-Net does not take as many channels as there are")


def _wrong(what: str) -> UserError:
    return UserError(
        f"The config.json of this prior does not fit: {what}.",
        hint="Take the folder as train-prior wrote it.",
    )
