# SPDX-License-Identifier: Apache-2.0
"""A run of RTU characters without a silence that ends it: its bytes, instants and flaws."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from interfaces.framing.contract import REASON_OF_FLAW, Cut
from interfaces.framing.split import FRAME_MAX, FRAME_MIN, LengthOf, Stretch, crc_good, split
from interfaces.wire import Burst, Frame, Reject, RejectReason


class Run:
    """What has come since the last silence. `gaps` and `doubts` are indices of the byte after the gap."""

    __slots__ = ("_bursts", "_starts", "data", "doubts", "end_ns", "flaws", "gaps", "late_ns", "overlong")

    def __init__(self, burst: Burst) -> None:
        self.data = burst.data
        self.end_ns = burst.end_ns
        self.late_ns = burst.late_ns
        self.overlong = False
        self.flaws: list[tuple[int, RejectReason]] = []
        self.gaps: list[int] = []
        self.doubts: list[int] = []
        self._bursts = [burst]
        self._starts = [0]
        if burst.marks:
            self._mark(burst, 0)

    def add(self, burst: Burst) -> None:
        self.end_ns = burst.end_ns
        self.late_ns = max(self.late_ns, burst.late_ns)
        if not self.late_ns and len(self.data) > FRAME_MAX:
            self.overlong = True  # one bad frame, however long: no need to keep its bytes
            return
        start = len(self.data)
        self._bursts.append(burst)
        self._starts.append(start)
        self.data += burst.data
        if burst.marks:
            self._mark(burst, start)

    @property
    def is_good(self) -> bool:
        """Whether all of it is one frame without a flaw."""
        return crc_good(self.data) and not (self.flaws or self.gaps or self.doubts)

    def cuts(self, lengths: Sequence[LengthOf]) -> list[Cut]:
        """The whole run, judged."""
        if self.is_good:  # nearly every run
            start_ns = self._bursts[0].char_start_ns(-self._starts[0])
            return [Frame(start_ns, self.end_ns, self.data[1:-2], self.data[0])]
        if not self.late_ns or self.overlong:
            return [self._judge(Stretch(0, len(self.data), crc_good(self.data)), False)]
        stretches = split(self.data, lengths)
        glued = len(stretches) > 1  # the silence between them was not seen
        return [self._judge(stretch, glued) for stretch in stretches]

    def relieve(self, lengths: Sequence[LengthOf]) -> list[Cut]:
        """Judge and drop all but the last bytes, which may be the beginning of a frame."""
        stretches = split(self.data, lengths)
        last = stretches[-1]
        if not last.good:
            keep = max(last.start, last.end - FRAME_MAX)
            stretches[-1:] = [Stretch(last.start, keep, False)] if keep > last.start else []
        cuts = [self._judge(stretch, True) for stretch in stretches]
        self._drop(stretches[-1].end if stretches else 0)
        return cuts

    def _mark(self, burst: Burst, start: int) -> None:
        self.flaws.extend((start + mark.index, REASON_OF_FLAW[mark.flaw]) for mark in burst.marks)

    def _judge(self, stretch: Stretch, glued: bool) -> Cut:
        start, end = stretch.start, stretch.end
        data = self.data if end - start == len(self.data) else self.data[start:end]
        start_ns, end_ns = self._span(start, end)
        reason = self._reason(stretch)
        if reason is not None:
            return Reject(start_ns, end_ns, reason, data)
        doubtful = glued or any(start <= doubt < end for doubt in self.doubts)
        return Frame(start_ns, end_ns, data[1:-2], data[0], 0, doubtful)

    def _reason(self, stretch: Stretch) -> RejectReason | None:
        start, end = stretch.start, stretch.end
        for index, flaw in self.flaws:
            if start <= index < end:
                return flaw
        # Between two glued frames a gap is too short, not wrong; before the run's first byte it is wrong.
        if any(start < gap < end or gap == start == 0 for gap in self.gaps):
            return RejectReason.GAP
        if self.overlong or end - start > FRAME_MAX:
            return RejectReason.LONG
        if end - start < FRAME_MIN:
            return RejectReason.SHORT
        return None if stretch.good else RejectReason.CRC

    def _span(self, start: int, end: int) -> tuple[int, int]:
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        end_ns = self.end_ns if self.overlong else self._bursts[last].char_start_ns(end - self._starts[last])
        return self._bursts[first].char_start_ns(start - self._starts[first]), end_ns

    def _drop(self, count: int) -> None:
        self.data = self.data[count:]
        keep = max(0, bisect_right(self._starts, count) - 1)
        # A kept piece that begins before the cut keeps its burst; its start lies before byte 0.
        self._bursts = self._bursts[keep:]
        self._starts = [start - count for start in self._starts[keep:]]
        self.flaws = [(index - count, flaw) for index, flaw in self.flaws if index >= count]
        self.gaps = [gap - count for gap in self.gaps if gap > count]
        self.doubts = [doubt - count for doubt in self.doubts if doubt >= count]
