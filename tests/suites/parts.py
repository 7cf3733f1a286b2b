# SPDX-License-Identifier: Apache-2.0
"""The conformance suite of pure parts: what `hil.part.Part` promises, checked on any part at work."""

from __future__ import annotations

import gc
import types
from typing import Any

from hil.part import Outputs, Part

STATELESS = (type, types.ModuleType, types.BuiltinFunctionType, types.CodeType)
FORBIDDEN = (types.GeneratorType, types.CoroutineType)


class Watched:
    """A part with a witness: every call is checked, and what it put out is kept."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.name = part.name
        self.said: list[tuple[int, Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "part":
            raise AttributeError(name)
        return getattr(self.part, name)

    @property
    def deadline_ns(self) -> int | None:
        return self.part.deadline_ns

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        return self._keep(now_ns, self.part.receive(now_ns, port, item))

    def expire(self, now_ns: int) -> Outputs:
        outputs = self._keep(now_ns, self.part.expire(now_ns))
        later_ns = self.part.deadline_ns
        assert later_ns is None or later_ns > now_ns, f"{self.name}: still due at {later_ns} after expire({now_ns})"
        return outputs

    def _keep(self, now_ns: int, outputs: Outputs) -> Outputs:
        self.said += [(now_ns, output) for output in outputs]
        return outputs


def check_state_is_data(part: Part) -> None:
    """Nothing in a part's state is a closure, a lambda or a generator: those can't be copied in mid-run."""
    seen: set[int] = set()
    waiting: list[Any] = [part]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, STATELESS):
            continue
        seen.add(id(thing))
        assert not isinstance(thing, FORBIDDEN), f"{part.name}: holds {thing!r}"
        if isinstance(thing, types.FunctionType):
            assert thing.__closure__ is None, f"{part.name}: holds the closure {thing.__qualname__}"
            assert thing.__name__ != "<lambda>", f"{part.name}: holds a lambda from {thing.__module__}"
            continue
        waiting += gc.get_referents(thing)
