"""Which part of a photo is seen, and how large: the way between its pixels and the widget's."""

from dataclasses import dataclass, replace

MOST = 48.0  # logical pixels that a pixel of the photo may take
MARGIN = 24.0  # logical pixels around a photo that is seen whole
KEPT = 80.0  # logical pixels of the photo that always stay in sight


@dataclass(frozen=True)
class Sight:
    """`left`, `top`: where the photo's corner is; `scale`: logical pixels a photo's pixel."""

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @staticmethod
    def whole(room: tuple[float, float], photo: tuple[int, int]) -> "Sight":
        """All of a photo (width, height) in the middle of a `room` (width, height)."""
        spaces = [max(1.0, side - 2 * MARGIN) for side in room]
        scale = min(spaces[0] / photo[0], spaces[1] / photo[1], MOST)
        return Sight(scale, (room[0] - scale * photo[0]) / 2, (room[1] - scale * photo[1]) / 2)

    def photo_place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the photo a place of the widget is."""
        return (x - self.left) / self.scale, (y - self.top) / self.scale

    def widget_place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the widget a place of the photo is."""
        return self.left + self.scale * x, self.top + self.scale * y

    def zoomed(self, factor: float, x: float, y: float, least: float) -> "Sight":
        """Larger by `factor`, at least `least`, while the place (x, y) of the widget stays."""
        scale = min(max(self.scale * factor, least), MOST)
        factor = scale / self.scale
        return Sight(scale, x + (self.left - x) * factor, y + (self.top - y) * factor)

    def moved(self, across: float, down: float) -> "Sight":
        """By so many logical pixels."""
        return replace(self, left=self.left + across, top=self.top + down)

    def kept(self, room: tuple[float, float], photo: tuple[int, int]) -> "Sight":
        """The nearest of which a part of the photo is in the room."""
        width, height = self.scale * photo[0], self.scale * photo[1]
        return replace(
            self,
            left=_between(self.left, KEPT - width, room[0] - KEPT),
            top=_between(self.top, KEPT - height, room[1] - KEPT),
        )


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, min(low, high)), max(low, high))
