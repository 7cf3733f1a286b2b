# SPDX-License-Identifier: Apache-2.0
"""What is sent is what is heard: a character's wave and the judge of waves, against each other, without a simulator."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.bench.characters import (
    PPM,
    Character,
    Edge,
    FalseStart,
    Glitch,
    Outgoing,
    UartConfig,
    Wrong,
    wave,
)
from firmware_sim.bench.judge import Heard, Judge

RATES = (9_600, 115_200, 921_600, 1_000_000, 3_000_000)
BEGIN_PS = 5_000_003
HALF = Fraction(1, 2)

configs = st.builds(
    UartConfig.at,
    st.sampled_from(RATES),
    st.integers(5, 8),
    st.sampled_from(["none", "even", "odd"]),
    st.sampled_from([1, 2]),
)


def edges_of(config: UartConfig, items: list[Outgoing]) -> list[Edge]:
    """The edges of characters that follow one another."""
    edges: list[Edge] = []
    end_ps = Fraction(BEGIN_PS)
    for item in items:
        shape = wave(config, item, end_ps + item.gap_bits * config.bit_ps)
        edges += shape.edges
        end_ps = shape.end_ps
    return edges


def judged(config: UartConfig, edges: list[Edge], tolerance_ps: int | None = None) -> list[Heard]:
    """What a judge hears, told each edge and nothing in between, and asked once at the end."""
    judge = Judge(config, tolerance_ps)
    heard = [one for edge in edges for one in judge.receive(edge.at_ps, edge.level)]
    return heard + judge.expire(edges[-1].at_ps + 100 * config.offset_ps(1))


def heard_characters(config: UartConfig, items: list[Outgoing]) -> list[Character]:
    heard = judged(config, edges_of(config, items))
    assert not [one for one in heard if isinstance(one, FalseStart)]
    return [one for one in heard if isinstance(one, Character)]


@given(configs, st.lists(st.integers(0, 255), min_size=1, max_size=40), st.integers(0, 3))
def test_legal_characters_are_heard_as_sent(config: UartConfig, data: list[int], gap_bits: int) -> None:
    """Every rate and format, back to back and apart: the same data, nothing wrong, each edge on its boundary."""
    mask = (1 << config.data_bits) - 1
    heard = heard_characters(config, [Outgoing(one & mask, gap_bits=gap_bits) for one in data])
    assert [one.data for one in heard] == [one & mask for one in data]
    assert not any(one.wrong for one in heard)
    assert max(one.edge_error_ps for one in heard) <= 1  # a start edge is floored to 1 ps


@pytest.mark.parametrize("rate", RATES)
def test_no_rounding_adds_up(rate: int) -> None:
    """The last of a thousand characters back to back begins where the rate says, to the picosecond."""
    config = UartConfig.at(rate, 8, "even")
    heard = heard_characters(config, [Outgoing(0x55)] * 1000)
    assert [one.start_ps for one in heard] == [BEGIN_PS + index * 11 * 10**12 // rate for index in range(1000)]


def test_bits_stand_where_they_belong() -> None:
    """0x4B with odd parity: start, lowest bit first, parity, stop."""
    config = UartConfig.at(1_000_000, 8, "odd")
    shape = wave(config, Outgoing(0x4B), Fraction(0))
    us = 1_000_000
    levels = [
        max((edge for edge in shape.edges if edge.at_ps <= bit * us), key=lambda one: one.at_ps) for bit in range(11)
    ]
    assert [edge.level for edge in levels] == [0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1]
    assert shape.end_ps == 11 * us


@given(configs, st.integers(1, 255), st.data())
def test_each_wrongness_is_that_one(config: UartConfig, data: int, draw: st.DataObject) -> None:
    """Parity, a low stop bit, a break and a glitch are each heard as themselves and nothing more."""
    data = max(1, data & (1 << config.data_bits) - 1)
    bit_ps = config.offset_ps(1)
    glitch = Glitch(
        config.offset_ps(Fraction(draw.draw(st.integers(1, config.char_bits - 2)), 1) + Fraction(3, 10)), bit_ps // 20
    )
    kinds = {
        Wrong.FRAMING: Outgoing(data, stop_low=draw.draw(st.integers(0, config.stop_bits - 1))),
        Wrong.BREAK: Outgoing(break_bits=config.char_bits + draw.draw(st.integers(0, 50))),
        Wrong.TIMING: Outgoing(data, glitch=glitch),
    }
    if config.parity != "none":
        kinds[Wrong.PARITY] = Outgoing(data, parity_flipped=True)
    for kind, item in kinds.items():
        good, bad, after = heard_characters(config, [Outgoing(data), item, Outgoing(data)])
        assert bad.wrong == {kind}
        assert not good.wrong
        assert not after.wrong
        assert bad.data == (0 if kind is Wrong.BREAK else data)
        assert after.data == data


@given(configs, st.integers(5, 49))
def test_false_start(config: UartConfig, per_cent: int) -> None:
    """Low for less than half a bit is no character, and the one after it is heard."""
    heard = judged(config, edges_of(config, [Outgoing(break_bits=Fraction(per_cent, 100)), Outgoing(0x15)]))
    width_ps = int(BEGIN_PS + Fraction(per_cent, 100) * config.bit_ps) - BEGIN_PS
    assert heard[0] == FalseStart(BEGIN_PS, width_ps)
    assert [one.data for one in heard[1:] if isinstance(one, Character)] == [0x15]


@given(configs, st.lists(st.integers(0, 255), min_size=4, max_size=20), st.integers(-20_000, 20_000))
def test_two_per_cent_is_read(config: UartConfig, data: list[int], ppm: int) -> None:
    """What a receiver must bear, it bears, and nothing is wrong."""
    mask = (1 << config.data_bits) - 1
    heard = heard_characters(config, [Outgoing(one & mask, rate_ppm=ppm) for one in data])
    assert [one.data for one in heard] == [one & mask for one in data]
    assert not any(one.wrong for one in heard)


@given(configs, st.lists(st.integers(0, 255), max_size=10), st.integers(50_000, 80_000), st.sampled_from([-1, 1]))
def test_more_than_five_per_cent_is_seen(config: UartConfig, data: list[int], ppm: int, sign: int) -> None:
    """Among other data, a character with a late edge tells that the rate is off."""
    mask = (1 << config.data_bits) - 1
    # Its last edges lie at the top data bit and the stop bit, whatever the parity.
    items = [Outgoing(one & mask, rate_ppm=sign * ppm) for one in (*data, 0, 1 << config.data_bits - 1, 0)]
    assert any(isinstance(one, FalseStart) or one.wrong for one in judged(config, edges_of(config, items)))


def test_short_stop_bit_is_timing() -> None:
    """A next start before the stop bit's end, beyond the tolerance, is the first character's fault; both are read."""
    config = UartConfig.at(1_000_000)
    first = wave(config, Outgoing(0xA5), Fraction(BEGIN_PS))
    second = wave(config, Outgoing(0x5A), first.end_ps - 300_000)
    one, two = judged(config, [*first.edges, *second.edges])
    assert isinstance(one, Character)
    assert isinstance(two, Character)
    assert (one.data, one.wrong) == (0xA5, {Wrong.TIMING})
    assert (two.data, two.wrong) == (0x5A, frozenset())


@pytest.mark.parametrize(("error_ps", "wrong"), [(9_999, False), (10_000, False), (10_001, True)])
def test_tolerance_at_its_limit(error_ps: int, wrong: bool) -> None:
    """An edge as late as the tolerance is right, 1 ps later it is not; the error is told either way."""
    config = UartConfig.at(1_000_000)
    edges = [Edge(0, 0), Edge(1_000_000 + error_ps, 1)]
    (heard,) = judged(config, edges, tolerance_ps=10_000)
    assert isinstance(heard, Character)
    assert (heard.wrong == {Wrong.TIMING}) is wrong
    assert heard.edge_error_ps == error_ps


def test_two_edges_at_one_boundary_are_timing() -> None:
    """A spike within the tolerance of a boundary is not taken for the boundary's own edge."""
    config = UartConfig.at(1_000_000)
    edges = [Edge(0, 0), Edge(1_000_000, 1), Edge(5_000_000, 0), Edge(5_010_000, 1)]
    (heard,) = judged(config, edges)
    assert isinstance(heard, Character)
    assert (heard.data, heard.wrong) == (0xFF, {Wrong.TIMING})


def test_low_from_the_beginning_is_no_start() -> None:
    """A line that is not driven yet is not heard."""
    judge = Judge(UartConfig.at(1_000_000), level=0)
    assert judge.receive(10_000_000, 1) == []
    assert judge.deadline_ps is None


def test_unknown_level_within_a_character_is_wrong() -> None:
    """Neither high nor low: not taken for either without a word."""
    config = UartConfig.at(1_000_000)
    judge = Judge(config)
    for at_ps, level in ((0, 0), (1_000_000, None), (2_000_000, 1)):
        assert judge.receive(at_ps, level) == []
    (heard,) = judge.expire(10_000_000)
    assert isinstance(heard, Character)
    assert heard.wrong == {Wrong.UNKNOWN}


@given(configs, st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, 1)), min_size=1, max_size=60))
def test_never_stuck(config: UartConfig, noise: list[tuple[int, int]]) -> None:
    """After any noise and a silence, the next character is heard as it was sent."""
    judge = Judge(config)
    at_ps = 0
    for width, level in noise:
        at_ps += width * config.offset_ps(Fraction(1, 1000))
        judge.receive(at_ps, level)
    at_ps += config.offset_ps(1)
    judge.receive(at_ps, 1)
    at_ps += config.offset_ps(20)
    judge.expire(at_ps)
    heard = [
        one
        for edge in wave(config, Outgoing(0x15), Fraction(at_ps)).edges
        for one in judge.receive(edge.at_ps, edge.level)
    ]
    heard += judge.expire(at_ps + config.offset_ps(20))
    assert [(one.data, one.wrong) for one in heard if isinstance(one, Character)] == [(0x15, frozenset())]


def test_rate_of_an_outgoing_character() -> None:
    """A faster sender's bits are shorter."""
    config = UartConfig.at(1_000_000)
    assert wave(config, Outgoing(0, rate_ppm=PPM), Fraction(0)).end_ps == 5_000_000
