# SPDX-License-Identifier: Apache-2.0
"""A stored trace gives back what was recorded, tells where it is damaged, and can be summed up."""

from __future__ import annotations

from pathlib import Path

import pytest

from hil.trace import events
from hil.trace.events import Event
from hil.trace.query import MAX_SHOWN, Damage, head, read, summary
from hil.trace.recorder import Recorder
from interfaces.errors import InputError
from interfaces.wire import Direction

HEAD = events.Head(0, "bench", 1, 7, "engagement", "pair", "virtual", {"python": "3.11"}, {"radar": "ab" * 32})
ALL: list[Event] = [
    HEAD,
    events.Wire(10, "bus", "land1", 1, 10, "0103"),
    events.Framed(10, "land1", "rtu", Direction.RECEIVED, 1, 10, "03", 1, 2),
    events.Rejected(11, "land1", "rtu", 10, 11, "crc", "ff"),
    events.Message(12, "radar1", "serial", Direction.SENT, "status", {"state": "search", "list": [{"a": 1.5}]}),
    events.Register(13, "land1", "state", 4, "device"),
    events.Answer(14, "land1", "arm", "done"),
    events.State(15, "land1", "launcher", "off", "boot", "power_on"),
    events.State(15, "land1.cell1", "cell", "empty", "ready", "loaded"),
    events.Edge(16, "land1.cell1", "release", True),
    events.World(17, "world", "appeared", {"target": "raider"}),
    events.Connection(18, "sea1", "tcp#1", True, "controller"),
    events.Overflow(19, "sea1", "connections", 3),
    events.Disturbed(20, "land1", "hang_fire", [1, 500]),
    events.Late(21, "bench", 90_000),
    events.Note(22, "bench", "a note"),
    events.Judged(23, "bench", "ENG-1", "fail", "within 50 ms", "worst 51 ms of 2", [3, 5]),
    events.End(2_000_000_000, "bench", "done"),
]


def stored(folder: Path, records: list[Event]) -> Path:
    path = folder / "trace.jsonl"
    recorder = Recorder(path, keep=False)
    for record in records:
        recorder.add(record)
    recorder.flush()
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read(path))
    return str(caught.value)


def test_every_kind_of_record_comes_back(tmp_path: Path) -> None:
    """What was recorded is what is read, for each kind of record there is."""
    assert {type(record) for record in ALL} == set(events.AnyEvent.__args__)
    trace = read(stored(tmp_path, ALL))
    assert list(trace) == ALL
    assert trace.damage is None
    assert head(trace.path) == HEAD


def test_each_cut_of_the_last_line_is_told(tmp_path: Path) -> None:
    """Wherever the last line is cut off: all before it is read, and the damage names line, offset and size."""
    path = stored(tmp_path, ALL)
    whole = path.read_bytes()
    begin = whole.rindex(b"\n", 0, -1) + 1
    for size in range(1, len(whole) - begin - 1):
        path.write_bytes(whole[: begin + size])
        trace = read(path)
        assert list(trace) == ALL[:-1]
        assert trace.damage == Damage(len(ALL), begin, size)
    path.write_bytes(whole[:-1])  # only the line end is missing: the record is whole
    trace = read(path)
    assert (list(trace), trace.damage) == (ALL, None)


def test_zeros_that_a_lost_page_left_at_the_end_are_a_cut(tmp_path: Path) -> None:
    """After a power failure a file may end in zeros."""
    path = stored(tmp_path, ALL)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + bytes(100))
    trace = read(path)
    assert list(trace) == ALL
    assert trace.damage == Damage(len(ALL) + 1, size, 100)


@pytest.mark.parametrize("wrong", [b"{]", b'{"kind":"edge"}', b'{"kind":"unheard"}', b"\xff\xfe", b""])
def test_a_damaged_line_before_the_end_is_refused(tmp_path: Path, wrong: bytes) -> None:
    """It is named by file, line and offset; the records before it have been given."""
    path = stored(tmp_path, ALL)
    lines = path.read_bytes().split(b"\n")
    offset = sum(len(line) + 1 for line in lines[:4])
    path.write_bytes(b"\n".join([*lines[:4], wrong, *lines[5:]]))
    assert refusal(path).startswith(f"{path}:5: offset {offset}")
    trace = read(path)
    assert [next(trace) for _ in range(4)] == ALL[:4]


def test_a_file_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    """No file, an empty file and a file that begins with something else are findings, not tracebacks."""
    path = tmp_path / "trace.jsonl"
    with pytest.raises(InputError, match="cannot be read"):
        summary(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="begins with a whole record of kind head"):
        summary(path)
    with pytest.raises(InputError, match="begins with a whole record of kind head"):
        head(stored(tmp_path, ALL[1:]))


def test_the_summary_says_what_happened(tmp_path: Path) -> None:
    """Each section has its rows; cells and tracks stay out of the state timeline."""
    text = summary(stored(tmp_path, ALL))
    assert text.splitlines() == [
        "trace of engagement on bench pair, virtual clock, seed 7",
        "versions: python 3.11",
        "ICDs: radar abababababab",
        "duration: 2.000000 s, 18 records, ended: done",
        "late instants: 1, 90.0 us at most",
        "records:",
        *(f"         1  {name}" for name in sorted(f"{one.__struct_config__.tag} {one.place}" for one in ALL)),
        "states:",
        "      0.000000 s  land1 launcher: off -> boot (power_on)",
        "connections:",
        "      0.000000 s  sea1 tcp#1 up: controller",
        "rejects:",
        "         1  land1 rtu crc",
        "lost:",
        "         3  sea1 connections",
        "disturbances:",
        "      0.000000 s  land1 hang_fire [1, 500]",
        "verdicts:",
        "  ENG-1 fail: worst 51 ms of 2 (limit within 50 ms)",
    ]


def test_the_summary_of_a_cut_trace_says_so(tmp_path: Path) -> None:
    """Without an end and with half a line, both are told."""
    path = stored(tmp_path, ALL[:-1])
    path.write_bytes(path.read_bytes()[:-5])
    text = summary(path)
    assert "ended: cut off, without an end" in text
    assert "damage: line 17 (offset" in text


def test_a_long_section_is_cut_but_not_the_verdicts(tmp_path: Path) -> None:
    """A flood of connections fills no screen, and every verdict is shown."""
    flood: list[Event] = [events.Connection(n, "sea1", f"tcp#{n}", True, "peer") for n in range(MAX_SHOWN + 5)]
    verdicts: list[Event] = [events.Judged(9, "bench", f"ENG-{n}", "pass", "", "", []) for n in range(MAX_SHOWN + 5)]
    lines = summary(stored(tmp_path, [HEAD, *flood, *verdicts])).splitlines()
    assert "  and 5 more" in lines
    assert sum(line.startswith("  ENG-") for line in lines) == MAX_SHOWN + 5
