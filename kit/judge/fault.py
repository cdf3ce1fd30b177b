"""The first thing that a cell gives otherwise than the finished one: two observations, compared.

expected, actual --find_fault--> Fault, or None where they are the same answer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations, product

from kit.judge.values import Error, Observation

NO_CAPTIONS: Mapping[str, str] = {}
MOST_MATCHES = 24  # ways to match parameters that have other names


@dataclass(frozen=True, slots=True)
class Fault:
    """The first difference from what the finished cell gives: which name or probe, and a sentence about it."""

    key: str
    sentence: str
    raised: Error | None = None


def find_fault(
    expected: Observation, actual: Observation, captions: Mapping[str, str] = NO_CAPTIONS, loosely: bool = False
) -> Fault | None:
    """None if the learner's cell gives what the finished one does. `captions` say what probes are about."""
    from kit.judge.compare import LOOSE, RELATIVE, difference

    if actual.error:
        return Fault("", explain(actual.error), actual.error)
    changed = sorted(set(actual.changed) - set(expected.changed))
    if changed:  # first, since whatever is wrong with a name may come of it
        names = f"`{'`, `'.join(changed[:3])}`"
        told = f"the cell, or what it defines, changes {names} in place; leave that as it was, and make something new"
        return Fault(f"changed {changed[0]}", told)
    for key, plain in expected.values.items():
        seen = actual.values.get(key)
        name = captions.get(key) or f"`{key}`"
        if seen is None:
            return Fault(key, f"the cell doesn't give `{key}` a value")
        if seen["kind"] == "raised" and plain["kind"] != "raised":
            error = Error(seen["type"], seen["text"], seen["line"])
            return Fault(key, f"{name} raises {explain(error)}", error)
        if plain["kind"] == "raised" and seen["kind"] == "raised":
            if plain["type"] != seen["type"]:
                return Fault(key, f"{name} should raise {plain['type']}, but raises {seen['type']}")
            continue
        if plain["kind"] == "raised":
            return Fault(key, f"{name} should raise {plain['type']}, but doesn't")
        found = difference(name, plain, seen, LOOSE if loosely else RELATIVE)
        if found:
            return Fault(key, found)
        stuck: Counter[str] = Counter(seen.get("still", ())) - Counter(plain.get("still", ()))
        if stuck:
            shapes = ", ".join(f"shape {shape}" for shape in sorted(stuck))
            told = f"{name} depends on numbers ({shapes}) that start at zero and get no gradient at first"
            return Fault(key, told)
    return None


def explain(error: Error) -> str:
    """An exception in one line."""
    text = error.text.split("\n")[0][:300].rstrip(" :.")
    return f"{error.type}: {text}" if text else error.type


def same_fault(expected: Observation, learner: Observation, wrong: Observation, fault: Fault) -> bool:
    """Whether a listed mistake differs from the finished cell in the same way as the learner's cell does."""
    from kit.judge.compare import difference

    own = find_fault(expected, wrong)
    if own is None or own.key != fault.key:
        return False
    if fault.raised or own.raised:
        return bool(
            fault.raised and own.raised and (fault.raised.type, fault.raised.text) == (own.raised.type, own.raised.text)
        )
    if fault.key not in learner.values or fault.key not in wrong.values:
        return fault.key not in learner.values and fault.key not in wrong.values
    return difference("", wrong.values[fault.key], learner.values[fault.key]) is None


def steady(one: Observation, other: Observation) -> Observation:
    """An observation without the values that another draw of random numbers changes."""
    return replace(one, values={key: plain for key, plain in one.values.items() if other.values.get(key) == plain})


def filled(observation: Observation) -> list[tuple[str, str]]:
    """The names and shapes of the parameters that `same_weights` has filled for an observation's probes, each once."""
    pairs = (pair for plain in observation.values.values() for pair in plain.get("filled", ()))
    return list(dict.fromkeys((name, shape) for name, shape in pairs))


def matches(
    ours: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Ways to pair parameters that only one side has with the other's of the same shape, in order of declaration first.

    None where all names agree, or where the shapes don't.
    """
    left, own = ([pair for pair in one if pair not in other] for one, other in ((ours, theirs), (theirs, ours)))
    shapes = sorted({shape for _, shape in own})
    groups = [([n for n, s in own if s == shape], [n for n, s in left if s == shape]) for shape in shapes]
    if not own or len(left) != len(own) or any(len(mine) != len(there) for mine, there in groups):
        return
    ways = product(*(permutations(there) for _, there in groups))
    for way in islice(ways, MOST_MATCHES):
        matched = zip(groups, way, strict=True)
        yield tuple(pair for (mine, _), there in matched for pair in zip(mine, there, strict=True))
