"""Signals: who is told, and in what order."""

from core.observe import Signal


def test_listeners_may_come_and_go_while_told() -> None:
    signal: Signal[int] = Signal()
    heard: list[str] = []

    def first(value: int) -> None:
        heard.append(f"first {value}")
        leave_second()
        leave_second()  # once gone, gone
        signal.connect(lambda value: heard.append(f"late {value}"))
        leave_first()

    leave_first = signal.connect(first)
    leave_second = signal.connect(lambda value: heard.append(f"second {value}"))
    signal.emit(1)
    signal.emit(2)
    assert heard == ["first 1", "late 2"]


def test_the_same_listener_may_connect_twice() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []
    leave = signal.connect(heard.append)
    signal.connect(heard.append)
    signal.emit(1)
    leave()
    signal.emit(2)
    assert heard == [1, 1, 2]
