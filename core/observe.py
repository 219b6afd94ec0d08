"""A typed signal: who wants to know is called, in the order of connecting."""

from collections.abc import Callable
from typing import Generic, TypeVarTuple

Values = TypeVarTuple("Values")


class Signal(Generic[*Values]):
    """News for whoever connected, on the thread that emits.

    Holds its listeners strongly: one that goes away calls the function that
    `connect` returned.
    """

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[[*Values], object]] = {}

    def connect(self, listener: Callable[[*Values], object]) -> Callable[[], None]:
        """Call `listener` at every emission from the next one on; returns what ends that."""
        key = object()  # the same listener may connect twice
        self._listeners[key] = listener

        def disconnect() -> None:
            self._listeners.pop(key, None)

        return disconnect

    def emit(self, *values: *Values) -> None:
        """Tell everyone, even if one of them raises; the first error is raised at the end."""
        errors: list[Exception] = []
        for key, listener in list(self._listeners.items()):
            if key not in self._listeners:
                continue  # disconnected by a listener before it
            try:
                listener(*values)
            except Exception as error:  # noqa: BLE001 - raised below
                errors.append(error)
        if errors:
            raise errors[0]
