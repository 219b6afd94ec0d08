"""What a user can do to the camera's way, as values like those of `edits`."""

from dataclasses import dataclass, replace

from core.scene.camera_path import CameraPath, Key
from core.scene.plan import Plan


@dataclass(frozen=True)
class AddKey:
    """Pass through `key` after the key number `after`; last for None."""

    key: Key
    after: int | None = None
    label: str = "Add key frame"

    def apply(self, plan: Plan) -> Plan:
        keys = plan.path.keys
        at = len(keys) if self.after is None else self.after + 1
        return _with(plan, (*keys[:at], self.key, *keys[at:]))


@dataclass(frozen=True)
class ReplaceKey:
    """Pass through another view instead of the key number `at`."""

    at: int
    key: Key
    label: str = "Change key frame"

    def apply(self, plan: Plan) -> Plan:
        keys = plan.path.keys
        if not 0 <= self.at < len(keys):
            return plan
        return _with(plan, (*keys[: self.at], self.key, *keys[self.at + 1 :]))


@dataclass(frozen=True)
class RemoveKey:
    """Forget the key number `at`."""

    at: int
    label: str = "Remove key frame"

    def apply(self, plan: Plan) -> Plan:
        keys = plan.path.keys
        if not 0 <= self.at < len(keys):
            return plan
        return _with(plan, keys[: self.at] + keys[self.at + 1 :])


@dataclass(frozen=True)
class MoveKey:
    """Let the key number `at` be number `to`."""

    at: int
    to: int
    label: str = "Reorder key frames"

    def apply(self, plan: Plan) -> Plan:
        keys = list(plan.path.keys)
        if not (0 <= self.at < len(keys) and 0 <= self.to < len(keys)):
            return plan
        keys.insert(self.to, keys.pop(self.at))
        return _with(plan, tuple(keys))


@dataclass(frozen=True)
class ChangePath:
    """Take so long, and come back to the first view or not."""

    seconds: float
    closed: bool
    label: str = "Change camera path"

    def apply(self, plan: Plan) -> Plan:
        path = replace(plan.path, seconds=self.seconds, closed=self.closed)
        return plan if path == plan.path else replace(plan, path=path)


def _with(plan: Plan, keys: tuple[Key, ...]) -> Plan:
    path: CameraPath = replace(plan.path, keys=keys)
    return plan if path == plan.path else replace(plan, path=path)
