# SPDX-License-Identifier: Apache-2.0
"""Raw to engineering values and back."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.codec.scale import Boolean, Bounds, Conversion, Float, Linear, Named, Swapped
from interfaces.errors import CodecError

SCALES = st.sampled_from([1, 10, -3, 0.01, 0.1, -0.25, 1e-6, 0.3])
OFFSETS = st.sampled_from([0, -40, 1000, 0.5, -273.15])


def linear(
    bits: int = 16, signed: bool = False, scale: float = 1, offset: float = 0, low: Any = None, high: Any = None
) -> Linear:
    return Linear(Bounds("msg.field", low, high, "deg"), bits, signed, scale, offset)


@given(st.data(), st.integers(1, 64), st.booleans(), SCALES, OFFSETS)
def test_every_raw_value_survives_both_ways(
    data: st.DataObject, bits: int, signed: bool, scale: float, offset: float
) -> None:
    """raw -> eng -> raw is exact as far as a float tells neighbours apart."""
    raw = data.draw(st.integers(0, (1 << min(bits, 40)) - 1))
    one = linear(bits, signed and bits > 40, scale, offset)
    assert one.to_raw(one.to_eng(raw)) == raw


@given(st.integers(0, 2**64 - 1), st.booleans())
def test_integers_stay_integers_to_64_bits(raw: int, signed: bool) -> None:
    """Scale 1 and an integer offset never pass through a float."""
    one = linear(64, signed, 1, -7)
    eng = one.to_eng(raw)
    assert type(eng) is int
    assert one.to_raw(eng) == raw


@given(st.decimals(-300, 300, places=4), st.sampled_from(["0.01", "0.1", "0.5", "0.25", "3"]))
def test_quantising_rounds_half_away_from_zero(eng: Decimal, scale: str) -> None:
    """As decimal arithmetic on the text says, whatever the float is."""
    wanted = int((eng / Decimal(scale)).quantize(Decimal(1), ROUND_HALF_UP)) if scale != "3" else None
    if wanted is None:
        wanted = int((abs(eng) * 2 + 3) // 6) * (1 if eng >= 0 else -1)
    raw = linear(32, True, float(scale)).to_raw(float(eng))
    assert raw == wanted & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("eng", "raw"), [(0.005, 1), (-0.005, -1), (1.115, 112), (0.0049, 0), (2.675, 268), (-2.675, -268)]
)
def test_ties_go_away_from_zero_by_their_decimal_text(eng: float, raw: int) -> None:
    """1.115 is a tie although its float lies below."""
    assert linear(16, True, 0.01).to_raw(eng) == raw & 0xFFFF


@pytest.mark.parametrize(
    ("eng", "fits"), [(359.99, True), (359.994, True), (359.996, False), (-0.004, True), (-0.01, False)]
)
def test_limits_count_after_quantising(eng: float, fits: bool) -> None:
    """What rounds into the limits is inside them."""
    one = linear(32, True, 0.01, 0, 0, 359.99)
    if fits:
        one.to_raw(eng)
    else:
        with pytest.raises(CodecError, match=r"msg\.field: .*(above 359.99|below 0) deg"):
            one.to_raw(eng)


def test_limits_hold_for_what_arrives_too() -> None:
    """A raw value whose engineering value is outside is refused, with field, value and limit."""
    with pytest.raises(CodecError, match=r"^msg\.field: 360\.0 is above 359\.99 deg$"):
        linear(16, False, 0.01, 0, 0, 359.99).to_eng(36000)


def test_limits_turn_round_with_a_negative_scale() -> None:
    """The least engineering value is the largest raw one."""
    one = linear(8, False, -1, 100, 90, 100)
    assert [one.to_raw(eng) for eng in (100, 90)] == [0, 10]
    for eng in (89, 101):
        with pytest.raises(CodecError):
            one.to_raw(eng)


@pytest.mark.parametrize("eng", [-1, 65536, 2**70, -(2**70), 1e300])
def test_what_the_bits_cannot_hold_is_refused(eng: float) -> None:
    """Without limits the type's range is the limit."""
    with pytest.raises(CodecError, match="outside 0 to 65535"):
        linear().to_raw(eng)


@pytest.mark.parametrize("eng", [math.nan, math.inf, -math.inf, True, "1", None, 1j])
def test_integers_take_finite_numbers_only(eng: Any) -> None:
    """NaN, infinities, booleans and texts are no integers."""
    for one in (linear(), linear(scale=0.01), linear(scale=10)):
        with pytest.raises(CodecError):
            one.to_raw(eng)


@pytest.mark.parametrize("bits", [16, 32, 64])
@given(st.data())
def test_floats_survive_both_ways(bits: int, data: st.DataObject) -> None:
    """Every bit pattern of every number; NaN stays NaN."""
    number = data.draw(st.floats(width=bits))  # type: ignore[arg-type]  # one of 16, 32, 64
    one = Float(Bounds("f", None, None), bits)
    back = one.to_eng(one.to_raw(number))
    assert back == number or (math.isnan(back) and math.isnan(number))


def test_float_limits_are_what_the_format_makes_of_them() -> None:
    """0.1 may be sent in 32 bits to a field that ends at 0.1; NaN may not."""
    one = Float(Bounds("f", 0, 0.1), 32)
    assert one.to_eng(one.to_raw(0.1)) == pytest.approx(0.1)
    for eng in (0.1001, -1e-9, math.nan, math.inf):
        with pytest.raises(CodecError):
            one.to_raw(eng)
    with pytest.raises(CodecError, match="does not fit 16 bits"):
        Float(Bounds("f", None, None), 16).to_raw(1e6)


def test_names_and_booleans_have_no_other_values() -> None:
    """Undefined codes and names are refused both ways; a code is taken for its name."""
    one = Named("state", {"off": 0, "on": 4})
    assert [one.to_raw("on"), one.to_raw(4), one.to_eng(4)] == [4, 4, "on"]
    conversions: list[Conversion] = [one, Boolean("flag")]
    for conversion in conversions:
        for eng in ("maybe", 2, None, []):
            with pytest.raises(CodecError):
                conversion.to_raw(eng)
        with pytest.raises(CodecError):
            conversion.to_eng(2)


def test_swapped_bytes() -> None:
    """A little-endian field is the same conversion on reversed bytes."""
    one = Swapped(linear(24, True), 24)
    assert one.to_raw(-2) == 0xFEFFFF
    assert one.to_eng(0xFEFFFF) == -2
