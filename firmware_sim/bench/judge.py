# SPDX-License-Identifier: Apache-2.0
"""Edges of an asynchronous line to characters, every bit judged: a pure machine, told the time.

A bit is sampled at its centre, where it is what a receiver reads, and no edge may lie further from a bit boundary than
the tolerance, nor two at one boundary. An edge at the very instant of a sample comes after it.
"""

from __future__ import annotations

from fractions import Fraction

from firmware_sim.bench.characters import Character, FalseStart, UartConfig, Wrong

Heard = Character | FalseStart
_HALF = Fraction(1, 2)
# Two per cent of rate over a character of 12 bits are a quarter of a bit.
TOLERANCE = Fraction(1, 4)


class Judge:
    """The line is idle, within a character, or held low after a bad one. Low from the beginning on is no start."""

    def __init__(self, config: UartConfig, tolerance_ps: int | None = None, level: int | None = 1) -> None:
        self._config = config
        self._tolerance_ps = config.offset_ps(TOLERANCE) if tolerance_ps is None else tolerance_ps
        bits = config.char_bits
        self._boundaries = [config.offset_ps(bit) for bit in range(bits + 1)]
        self._centres = [config.offset_ps(bit + _HALF) for bit in range(bits)]
        self._level = level
        self._start_ps: int | None = None
        self._started = False  # the start bit was low at its centre
        self._broken = False
        self._edges: list[tuple[int, int | None]] = []

    @property
    def deadline_ps(self) -> int | None:
        """When there is something to say although no edge comes."""
        if self._start_ps is None or self._broken:
            return None
        if not self._started and self._level != 0:
            return self._start_ps + self._centres[0]
        return self._start_ps + self._boundaries[-1] - self._tolerance_ps

    def receive(self, now_ps: int, level: int | None) -> list[Heard]:
        """The line took a level (None: neither high nor low)."""
        heard = self.expire(now_ps)
        if level == self._level:
            return heard
        self._level = level
        if self._start_ps is None:
            self._begin(now_ps, level)
        elif self._broken:
            heard.append(self._end_of_break(now_ps))
        elif level == 0 and now_ps > self._start_ps + self._centres[-1]:
            heard.append(self._character(self._start_ps, early=True))
            self._begin(now_ps, level)
        else:
            self._edges.append((now_ps, level))
        return heard

    def expire(self, now_ps: int) -> list[Heard]:
        """Say what is due by now."""
        if self._start_ps is None or self._broken:
            return []
        since_ps = now_ps - self._start_ps
        if not self._started and since_ps >= self._centres[0]:
            if self._sample(0):
                return [self._false_start(self._start_ps)]
            self._started = True
        if since_ps < self._boundaries[-1] - self._tolerance_ps:
            return []
        if self._level == 0 and not self._edges:
            self._broken = True
            return []
        return [self._character(self._start_ps, early=False)]

    def _begin(self, now_ps: int, level: int | None) -> None:
        if level == 0:
            self._start_ps, self._started, self._broken, self._edges = now_ps, False, False, []

    def _false_start(self, start_ps: int) -> FalseStart:
        self._start_ps = None
        return FalseStart(start_ps, self._edges[0][0] - start_ps)

    def _end_of_break(self, now_ps: int) -> Character:
        assert self._start_ps is not None
        heard = Character(0, self._start_ps, now_ps, frozenset({Wrong.BREAK}))
        self._start_ps, self._broken = None, False
        return heard

    def _character(self, start_ps: int, *, early: bool) -> Character:
        config = self._config
        bits = [self._sample(index) for index in range(config.char_bits)]
        data = sum(bit << index for index, bit in enumerate(bits[1 : 1 + config.data_bits]))
        wrong = set[Wrong]()
        if config.parity != "none" and bits[1 + config.data_bits] != config.parity_of(data):
            wrong.add(Wrong.PARITY)
        if not all(bits[-config.stop_bits :]):
            wrong.add(Wrong.FRAMING)
        if any(level is None for _, level in self._edges):
            wrong.add(Wrong.UNKNOWN)
        errors, alone = self._edge_errors(start_ps)
        if early or not alone or max(errors, default=0) > self._tolerance_ps:
            wrong.add(Wrong.TIMING)
        self._start_ps = None
        return Character(data, start_ps, start_ps + self._boundaries[-1], frozenset(wrong), max(errors, default=0))

    def _sample(self, index: int) -> int:
        """The level at the centre of a bit; what is neither high nor low reads as high."""
        assert self._start_ps is not None
        level: int | None = 0
        for at_ps, after in self._edges:
            if at_ps >= self._start_ps + self._centres[index]:
                break
            level = after
        return 1 if level is None else level

    def _edge_errors(self, start_ps: int) -> tuple[list[int], bool]:
        """How far each edge lies from its bit boundary, and whether each has that boundary for itself."""
        bit_ps = self._config.bit_ps
        nearest = [int((at_ps - start_ps) / bit_ps + _HALF) for at_ps, _ in self._edges]
        errors = [
            abs(at_ps - start_ps - self._boundaries[bit]) for bit, (at_ps, _) in zip(nearest, self._edges, strict=True)
        ]
        return errors, len({0, *nearest}) == 1 + len(nearest)
