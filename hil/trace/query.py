# SPDX-License-Identifier: Apache-2.0
"""Questions asked of a stored trace: its records, its head, what happened in short.

A trace whose writer was killed ends in half a line. That ends the reading and is told in `damage`;
a line that is wrong before the end means that the file was changed, and is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from hil.trace.events import (
    AnyEvent,
    Connection,
    Disturbed,
    End,
    Event,
    Head,
    Judged,
    Late,
    Overflow,
    Rejected,
    State,
)
from interfaces.errors import Finding, InputError
from interfaces.wire import NS_PER_S, NS_PER_US

MAX_LINE_BYTES = 64 * 2**20  # far above the longest burst; a file that is no trace may have no line ends
MAX_SHOWN = 40  # rows of a section of the summary; verdicts are all shown
SECTIONS = ("records", "states", "connections", "rejects", "lost", "disturbances", "verdicts")
_MAX_VALUE = 40


class Damage(msgspec.Struct, frozen=True):
    """The last line was cut off: its number (the first is 1) and the offset of its first byte."""

    line: int
    offset: int
    size: int

    def __str__(self) -> str:
        return f"line {self.line} (offset {self.offset}) is cut off after {self.size} bytes; all before it is whole"


class Trace(Iterator[AnyEvent]):
    """The records of a stored trace, in order; `damage` is known once they are all read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: Damage | None = None
        self._events = self._decoded()

    def __next__(self) -> AnyEvent:
        return next(self._events)

    def _decoded(self) -> Iterator[AnyEvent]:
        decode = msgspec.json.Decoder[AnyEvent](AnyEvent).decode
        offset = 0
        with _open(self.path) as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), 1):
                try:
                    event = decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    if line.endswith(b"\n") or len(line) == MAX_LINE_BYTES:
                        raise _refused(self.path, number, offset, line, f"is no trace record ({error})") from error
                    self.damage = Damage(number, offset, len(line))
                    return
                yield event
                offset += len(line)


def read(path: Path) -> Trace:
    """The records of the trace at `path`. Iterating raises `InputError` at a damaged line that is not the last."""
    return Trace(path)


def head(path: Path) -> Head:
    """What the run was. Raises `InputError` when the file does not begin with it."""
    first = next(read(path), None)
    if not isinstance(first, Head):
        raise _refused(path, 1, 0, b"", "a trace begins with a whole record of kind head")
    return first


def summary(path: Path) -> str:
    """What happened in short, for people. Raises `InputError` when it is no trace."""
    digest = _Digest(head(path))
    trace = read(path)
    for event in trace:
        digest.add(event)
    return "\n".join(digest.lines(trace.damage))


class _Digest:
    """What the summary says, gathered in one pass; memory grows with places and verdicts, not with records."""

    def __init__(self, first: Head) -> None:
        self._head = first
        self._end: End | None = None
        self._last_ns = 0
        self._late: list[int] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._rejects: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._sections: defaultdict[str, list[str]] = defaultdict(list)
        self._rows: Counter[str] = Counter()

    def add(self, event: Event) -> None:
        kind = type(event)
        self._counts[str(kind.__struct_config__.tag), event.place] += 1
        self._last_ns = max(self._last_ns, event.time_ns)
        if isinstance(event, State):
            # Of a device, not of its cells and tracks: there may be thousands of those.
            if "." not in event.place:
                text = f"{event.place} {event.machine}: {event.before} -> {event.after} ({event.cause})"
                self._note("states", event, text)
        elif isinstance(event, Connection):
            self._note("connections", event, f"{event.place} {event.port} {'up' if event.up else 'down'}: {event.text}")
        elif isinstance(event, Rejected):
            self._rejects[f"{event.place} {event.port} {event.reason}"] += 1
        elif isinstance(event, Overflow):
            self._lost[f"{event.place} {event.what}"] += event.count
        elif isinstance(event, Disturbed):
            self._note("disturbances", event, f"{event.place} {event.what} {event.value!r:.{_MAX_VALUE}}")
        elif isinstance(event, Judged):
            text = f"{event.requirement} {event.outcome}: {event.figure} (limit {event.limit})"
            self._show("verdicts", text)
        elif isinstance(event, Late):
            self._late.append(event.late_ns)
        elif isinstance(event, End):
            self._end = event

    def _note(self, section: str, event: Event, text: str) -> None:
        self._show(section, f"{event.time_ns / NS_PER_S:12.6f} s  {text}")

    def _show(self, section: str, row: str) -> None:
        self._rows[section] += 1
        if self._rows[section] <= MAX_SHOWN or section == "verdicts":
            self._sections[section].append(row)

    def lines(self, damage: Damage | None) -> Iterator[str]:
        yield from self._opening(damage)
        self._count("records", {f"{kind} {place}": number for (kind, place), number in self._counts.items()})
        self._count("rejects", self._rejects)
        self._count("lost", self._lost)
        for section in SECTIONS:
            rows = self._sections[section]
            if rows:
                yield f"{section}:"
                yield from (f"  {row}" for row in rows)
            if self._rows[section] > len(rows):
                yield f"  and {self._rows[section] - len(rows)} more"

    def _count(self, section: str, counts: Mapping[str, int]) -> None:
        """Rows of counts, the largest first."""
        for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            self._show(section, f"{number:8d}  {name}")

    def _opening(self, damage: Damage | None) -> Iterator[str]:
        one = self._head
        yield f"trace of {one.scenario or 'no scenario'} on bench {one.bench}, {one.clock} clock, seed {one.seed}"
        yield "versions: " + ", ".join(f"{name} {version}" for name, version in one.versions.items())
        yield "ICDs: " + ", ".join(f"{name} {digest[:12]}" for name, digest in one.icds.items())
        ending = self._end.reason if self._end is not None else "cut off, without an end"
        yield f"duration: {self._last_ns / NS_PER_S:.6f} s, {self._counts.total()} records, ended: {ending}"
        if damage is not None:
            yield f"damage: {damage}"
        if self._late:
            yield f"late instants: {len(self._late)}, {max(self._late) / NS_PER_US:.1f} us at most"


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        finding = Finding(str(path), 1, "", "", f"cannot be read ({error.strerror})", "check the path")
        raise InputError([finding]) from error


def _refused(path: Path, line: int, offset: int, data: bytes, rule: str) -> InputError:
    shown = repr(data[:_MAX_VALUE])[1:] if data else ""
    return InputError([Finding(str(path), line, f"offset {offset}", shown, rule, "give a trace as the run wrote it")])
