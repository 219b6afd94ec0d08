"""The picture that asks an editor for the whole of an object, and what is read back from it.

Application-Querying (3D-RE-GEN: Sautter et al., 2025; section 3.2 of the methods): the photo on the
left, the object outlined; on the right a panel, as of a program, with a card that bears what is
seen of the object. An editor of pictures completes the card.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.errors import UserError
from core.pictured.cutout import cut_out, squared

Picture = NDArray[np.uint8]
Pixels = NDArray[np.bool_]

WIDTH = 1280  # pixels of the photo
RED, OUTLINE = (255, 0, 0), 3
AROUND = 11  # pixels: across the ellipse that the outline keeps away from the object by
GREY, WHITE = 230, 255  # of the panel, and of the card on it
MARGIN, FOOT, GAP = 0.04, 0.08, 0.02  # of the height: around the card, below it, and above that
RADIUS, BORDER, PADDING = 20, 5, 40  # pixels of the card
CAPTION, LETTERS, SMALLEST = "Extracted Object", 0.035, 55  # of the height; pixels
BOLD = 0.045  # of the letters' size: what makes a plain font a bold one
TALLEST, LOWEST = 4 * WIDTH, 160  # pixels of a photo that has room for a card and can be asked of
LARGER = 2  # times, before what is read back is cut out
FEWEST = 64  # pixels of an object that is worth asking for

ASKING = (
    "This is the window of a program. The left side shows a photo in which one object is outlined "
    "in red; the card on the right shows what of this object was cut out of the photo. Draw the "
    "complete object, with all that is hidden from view in the photo, on the card in plain white, "
    "seen from the same side and as large as now. Leave everything else as it is.{name}"
)
NAMED = " The object is: {name}."


@dataclass(frozen=True)
class Card:
    """A square on the panel: its left, top and `side`, pixels of the whole picture."""

    left: int
    top: int
    side: int


@dataclass(frozen=True, eq=False)
class Query:
    """`picture` [H, W + H, 3] to be edited as `words` say, and where its `card` lies.

    `seen` [side, side]: where on the card the object was seen.
    """

    picture: Picture
    words: str
    card: Card
    seen: Pixels


def card_of(width: int, height: int) -> Card:
    """Where the card lies in a picture of `width` x `height`, whose last square is the panel."""
    low, high = int(FOOT * height), int(GAP * height)
    side = min(height - 2 * int(MARGIN * height), height - low - high)
    return Card(width - height + (height - side) // 2, (height - low - side) // 2, side)


def asked(photo: Picture, mask: Pixels, name: str = "") -> Query:
    """The query for the object at `mask` [h, w] of `photo` [h, w, 3], called `name`.

    Raises `UserError` where the mask is too small to show anything, or the photo too long.
    """
    if np.count_nonzero(mask) < FEWEST:
        raise UserError(
            "Too little of this object is to be seen in its photo.",
            hint="Mark it in a photo that shows more of it.",
        )
    height = round(WIDTH * photo.shape[0] / photo.shape[1])
    if not LOWEST <= height <= TALLEST:
        size = f"{photo.shape[1]} x {photo.shape[0]} pixels"
        raise UserError(
            f"A photo of {size} is too long to ask for objects.",
            hint="Use a photo that is no panorama.",
        )
    photo, mask = _resized(photo, mask, height)
    card = card_of(WIDTH + height, height)
    picture = np.full((height, WIDTH + height, 3), GREY, np.uint8)
    picture[:, :WIDTH] = _outlined(photo, mask)
    _draw_card(picture, card)
    seen = _paste(picture, card, cut_out(photo, mask))
    _write_caption(picture, card)
    words = ASKING.format(name=NAMED.format(name=name) if name else "")
    return Query(picture, words, card, seen)


def answered(picture: Picture, query: Query) -> Picture:
    """The object [512, 512, 4] on the card of an edited `picture` [H, W + H, 3], RGBA.

    The picture may be of another size than the `query`'s, but of the same shape. Raises `UserError`
    where the card is empty, or the whole of it is painted over.
    """
    height, width = picture.shape[:2]
    card = card_of(width, height)
    border = min(BORDER, card.side // 4)
    inside = picture[
        card.top + border : card.top + card.side - border,
        card.left + border : card.left + card.side - border,
    ]
    size = LARGER * inside.shape[1], LARGER * inside.shape[0]
    larger = np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    edge = min(BORDER, query.card.side // 4)
    seen = query.seen[edge : query.card.side - edge, edge : query.card.side - edge]
    shown = cv2.resize(seen.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return squared(_rounded(larger, LARGER * (RADIUS - border)), shown)


def _resized(photo: Picture, mask: Pixels, height: int) -> tuple[Picture, Pixels]:
    kind = cv2.INTER_AREA if photo.shape[1] > WIDTH else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(photo, (WIDTH, height), interpolation=kind), np.uint8)
    share = cv2.resize(mask.astype(np.float32), (WIDTH, height), interpolation=cv2.INTER_LINEAR)
    return small, np.asarray(share >= 0.5)


def _outlined(photo: Picture, mask: Pixels) -> Picture:
    """`photo`, a red line about the object, which itself stays as it is."""
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (AROUND, AROUND))
    larger = cv2.dilate(mask.astype(np.uint8), ellipse)
    lines, _ = cv2.findContours(larger, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = photo.copy()
    cv2.drawContours(drawn, lines, -1, RED, OUTLINE)
    drawn[mask] = photo[mask]
    return drawn


def _draw_card(picture: Picture, card: Card) -> None:
    sheet = Image.fromarray(picture)
    last = card.left + card.side - 1, card.top + card.side - 1
    ImageDraw.Draw(sheet).rounded_rectangle(
        ((card.left, card.top), last), min(RADIUS, card.side // 4), (WHITE,) * 3, (0, 0, 0), BORDER
    )
    picture[:] = np.asarray(sheet)


def _paste(picture: Picture, card: Card, thing: Picture) -> Pixels:
    """`thing` [h, w, 4] on the middle of the card, as large as it can be there; and where."""
    room = card.side - 2 * min(PADDING, card.side // 4)
    scale = room / max(thing.shape[:2])
    tall, wide = (max(1, round(scale * side)) for side in thing.shape[:2])
    # Colours times alpha, or those of what is around it would run into its edge.
    alpha = thing[..., 3:].astype(np.float32) / 255
    laid = np.concatenate([thing[..., :3] * alpha, alpha], axis=2)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    laid = cv2.resize(laid, (wide, tall), interpolation=kind)
    top, left = card.top + (card.side - tall) // 2, card.left + (card.side - wide) // 2
    there = picture[top : top + tall, left : left + wide]
    there[:] = np.clip(laid[..., :3] + (1 - laid[..., 3:]) * WHITE + 0.5, 0, 255)
    seen = np.zeros((card.side, card.side), bool)
    seen[top - card.top :, left - card.left :][:tall, :wide] = laid[..., 3] > 0.5
    return seen


def _write_caption(picture: Picture, card: Card) -> None:
    """What the card shows, in its middle below it.

    In the font that Pillow brings along, made bold, since the same one is everywhere.
    """
    height = picture.shape[0]
    size = max(round(LETTERS * height), SMALLEST)
    # A low panel has room for smaller letters only.
    size = max(8, min(size, height - card.top - card.side, card.side // 9))
    sheet = Image.fromarray(picture)
    middle = card.left + card.side / 2, (card.top + card.side + height) / 2
    ImageDraw.Draw(sheet).text(
        middle, CAPTION, (0, 0, 0), ImageFont.load_default(size), anchor="mm",
        stroke_width=BOLD * size / 2,
    )  # fmt: skip
    picture[:] = np.asarray(sheet)


def _rounded(picture: Picture, radius: int) -> Picture:
    """`picture`, white in its corners, where the card's border is rounded."""
    height, width = picture.shape[:2]
    radius = min(radius, height // 4)
    inside = Image.new("L", (width, height), 0)
    ImageDraw.Draw(inside).rounded_rectangle(((0, 0), (width - 1, height - 1)), radius, 255)
    return np.where(np.asarray(inside)[..., None] > 0, picture, WHITE).astype(np.uint8)
