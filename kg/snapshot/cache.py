"""Caches that outlive a request: each has a key and a size, and lets the oldest go.

Whoever caches something here answers for it that neither key nor value is a patient's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from kg.snapshot.model import Snapshot

KeyType = TypeVar("KeyType", bound=Hashable)
Held = TypeVar("Held")
AskedType = ParamSpec("AskedType")


class BoundedCache(Generic[KeyType, Held]):
    """A cache of a fixed size: where it is full, the oldest entry goes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[KeyType, Held] = OrderedDict()

    def get(self, key: KeyType) -> Held | None:
        """Give what is kept under a key, if anything is."""
        return self._held.get(key)

    def keep(self, key: KeyType, value: Held) -> Held:
        """Keep a value, and give it back."""
        if len(self._held) >= self.most and key not in self._held:
            self._held.popitem(last=False)
        self._held[key] = value
        return value

    def clear(self) -> None:
        """Empty the cache."""
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[KeyType]:
        return iter(self._held)


def cached_per_snapshot(
    most: int,
) -> Callable[
    [Callable[Concatenate[Snapshot, AskedType], Held]],
    Callable[Concatenate[Snapshot, AskedType], Held],
]:
    """Cache a function of a Snapshot and of little beside it: so many answers for each Snapshot."""

    def keeping(
        work_out: Callable[Concatenate[Snapshot, AskedType], Held],
    ) -> Callable[Concatenate[Snapshot, AskedType], Held]:
        name = f"{work_out.__module__}.{work_out.__qualname__}"

        @wraps(work_out)
        def kept(snapshot: Snapshot, *asked: AskedType.args, **named: AskedType.kwargs) -> Held:
            beside = snapshot.__dict__
            cache: BoundedCache[tuple[object, ...], tuple[Held]] | None = beside.get(name)
            if cache is None:
                cache = beside[name] = BoundedCache(most)
            found = cache.get(asked)
            if found is None:
                found = cache.keep(asked, (work_out(snapshot, *asked, **named),))
            return found[0]

        return cast(Callable[Concatenate[Snapshot, AskedType], Held], kept)

    return keeping
