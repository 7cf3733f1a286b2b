# SPDX-License-Identifier: Apache-2.0
"""What was recorded is on disk whole, whatever ends the run; copies go on with the same bytes."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from hil.trace.events import Edge, End, Event, Note
from hil.trace.query import read
from hil.trace.recorder import BATCH, Recorder
from interfaces.errors import PortError

KILLED = """
import os, signal, sys
from pathlib import Path
from hil.trace.events import Edge
from hil.trace.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), keep=False)
for number in range(10_000):
    recorder.add(Edge(number, "land1.cell1", "release", bool(number % 2)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def edge(number: int) -> Edge:
    return Edge(number, "land1.cell1", "release", bool(number % 2))


def test_a_killed_process_leaves_whole_lines(tmp_path: Path) -> None:
    """After SIGKILL all that was flushed is readable: two batches of the 10,000 records."""
    path = tmp_path / "trace.jsonl"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(read(path)) == [edge(number) for number in range(2 * BATCH)]


def test_a_batch_waits_no_longer(tmp_path: Path) -> None:
    """Nothing is written before a batch is full or a flush asked for, then everything."""
    path = tmp_path / "trace.jsonl"
    recorder = Recorder(path, keep=False)
    for number in range(BATCH - 1):
        recorder.add(edge(number))
    assert path.stat().st_size == 0
    recorder.add(edge(BATCH - 1))
    assert path.read_bytes().count(b"\n") == BATCH
    recorder.add(edge(BATCH))
    recorder.flush()
    assert path.read_bytes().count(b"\n") == BATCH + 1
    recorder.close("done", 9)


def test_without_keeping_nothing_stays() -> None:
    """A recorder without file that keeps nothing holds no more than a batch, and can't be copied."""
    recorder = Recorder(None, keep=False)
    for number in range(3 * BATCH + 5):
        recorder.add(edge(number))
    assert len(recorder.events) == 5
    with pytest.raises(TypeError, match="keep=True"):
        copy.deepcopy(recorder)


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_copy_goes_on_with_the_same_bytes(tmp_path: Path, on_disk: bool) -> None:
    """Copied between two flushes, both end with the uncut run's bytes, and neither disturbs the other."""
    recorder = Recorder(tmp_path / "trace.jsonl" if on_disk else None, keep=True)
    for number in range(BATCH + 10):
        recorder.add(edge(number))
    twin = copy.deepcopy(recorder)
    for number in range(BATCH + 10, 2 * BATCH + 20):
        recorder.add(edge(number))
    assert twin.data().count(b"\n") == BATCH + 10
    for number in range(BATCH + 10, 2 * BATCH + 20):
        twin.add(edge(number))
    for one in (recorder, twin):
        one.close("done", 7)
    assert recorder.data() == twin.data()
    assert recorder.data().count(b"\n") == 2 * BATCH + 21
    wanted: list[Event] = [*(edge(number) for number in range(2 * BATCH + 20)), End(7, "bench", "done")]
    assert recorder.events == twin.events == wanted


def test_memory_stays_flat_without_keep(tmp_path: Path) -> None:
    """Ten batches more take no more memory than the first ones did."""
    recorder = Recorder(tmp_path / "trace.jsonl", keep=False)
    tracemalloc.start()
    try:
        _fill(recorder, 2 * BATCH)
        before = tracemalloc.get_traced_memory()[0]
        _fill(recorder, 10 * BATCH)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    recorder.close("done", 0)
    assert grown < 100_000


def _fill(recorder: Recorder, count: int) -> None:
    for number in range(count):
        recorder.add(Note(number, "bench", f"note {number}"))


def test_a_full_disk_is_one_line_with_the_mend() -> None:
    """The first flush that fails says so; nothing after it raises again, nor grows in memory."""
    recorder = Recorder(Path("/dev/full"), keep=False)
    recorder.add(edge(1))
    with pytest.raises(PortError) as caught:
        recorder.flush()
    assert str(caught.value) == (
        "/dev/full: cannot be written any more (No space left on device); free some room; what was written stays"
    )
    for number in range(2 * BATCH):
        recorder.add(edge(number))
    recorder.flush()
    recorder.close("done", 3)
    assert recorder.events == []


def test_a_disk_that_fills_up_keeps_what_was_written(tmp_path: Path) -> None:
    """A file that may not grow any more ends in part of a record; all before it can be read."""
    script = f"""
import resource, signal, sys
from pathlib import Path
from hil.trace.events import Edge
from hil.trace.recorder import Recorder
from interfaces.errors import PortError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
recorder = Recorder(Path({str(tmp_path / "trace.jsonl")!r}), keep=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    for number in range({BATCH}):
        recorder.add(Edge(number, "land1.cell1", "release", bool(number % 2)))
except PortError as error:
    recorder.close("failed", 0)
    sys.exit(str(error))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert "cannot be written any more (File too large)" in done.stderr
    assert done.stderr.count("\n") == 1
    trace = read(tmp_path / "trace.jsonl")
    events = list(trace)
    assert len(events) > 50
    assert events == [edge(number) for number in range(len(events))]
    assert trace.damage is not None


def test_a_trace_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there is a `PortError` with the mend."""
    with pytest.raises(PortError, match=r"cannot be written \(No such file or directory\); choose another folder"):
        Recorder(tmp_path / "none" / "trace.jsonl", keep=False)


def test_closing_twice_writes_one_end(tmp_path: Path) -> None:
    """Who cleans up twice does no harm, and what comes after the end is not recorded."""
    recorder = Recorder(tmp_path / "trace.jsonl", keep=True)
    recorder.close("done", 5)
    recorder.add(edge(6))
    recorder.close("again", 7)
    assert list(read(tmp_path / "trace.jsonl")) == [End(5, "bench", "done")] == recorder.events
