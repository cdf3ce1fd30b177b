from __future__ import annotations

import threading

from kit.sources.git_transport import HALT
from kit.sources.rate_limit import PauseGate


class Time:
    def __init__(self, stopped: bool = False) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.stopped = stopped

    def wait(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        return self.stopped


def gate(time: Time, told: list[str] | None = None) -> PauseGate:
    return PauseGate(([] if told is None else told).append, lambda: time.now, time.wait)


def test_an_open_gate_is_no_wait() -> None:
    time = Time()
    assert gate(time).enter("h")
    assert time.slept == []


def test_a_shut_gate_is_for_one_server() -> None:
    time, told = Time(), list[str]()
    shut = gate(time, told)
    assert shut.shut("h", lambda: 7.0, 30, 100)
    assert shut.enter("other")
    assert time.slept == []
    assert shut.enter("h")
    assert time.slept == [7.0]
    assert len(told) == 1


def test_the_usual_time_where_the_server_names_none() -> None:
    time = Time()
    shut = gate(time)
    shut.shut("h", lambda: None, 30, 100)
    shut.enter("h")
    assert time.slept == [30]


def test_too_long_is_not_waited_for() -> None:
    time = Time()
    shut = gate(time)
    assert not shut.shut("h", lambda: 101.0, 30, 100)
    assert shut.enter("h")
    assert time.slept == []


def test_who_is_stopped_gives_up() -> None:
    shut = gate(Time(stopped=True))
    shut.shut("h", lambda: 5.0, 30, 100)
    assert not shut.enter("h")


def test_many_who_are_told_at_once_ask_once() -> None:
    asked: list[int] = []
    shut = gate(Time())

    def ask() -> float:
        asked.append(1)
        return 50.0

    threads = [threading.Thread(target=shut.shut, args=("h", ask, 30, 100)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [1]


def test_a_stopped_command_ends_all_waits() -> None:
    HALT.set()
    try:
        assert PauseGate().wait(60)
    finally:
        HALT.clear()
    assert not PauseGate().wait(0)
