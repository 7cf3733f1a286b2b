# SPDX-License-Identifier: Apache-2.0
"""Values in registers: word orders against vectors made with `struct`, conversions, bit fields."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.codec.registers import RegisterCodec, bit_field, with_bit_field
from interfaces.errors import CodecError
from interfaces.spec.model import BitField, RegisterDef

FORMATS = {"u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}
ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"]


def codec(kind: str = "u16", order: str = "ABCD", **more: Any) -> RegisterCodec:
    definition = RegisterDef(name="reg", address=0, text="A register", type=kind, **more)  # type: ignore[arg-type]  # a test's literal
    return RegisterCodec(definition, order, {"mode": {"off": 0, "on": 2}})


def vector(kind: str, order: str, number: float) -> bytes:
    """The registers of a number, word by word, made without the codec."""
    size = struct.calcsize(FORMATS[kind])
    words = list(struct.unpack(f">{size // 2}H", struct.pack(f">{FORMATS[kind]}", number)))
    if order in ("CDAB", "DCBA"):
        words.reverse()
    end = "<" if order in ("BADC", "DCBA") else ">"
    return struct.pack(f"{end}{len(words)}H", *words)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", FORMATS)
@given(st.data())
def test_word_orders(kind: str, order: str, data: st.DataObject) -> None:
    """Every type in every order, both ways."""
    bits = int(kind[1:])
    strategies: dict[str, st.SearchStrategy[float]] = {
        "u": st.integers(0, 2**bits - 1),
        "i": st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
        "f": st.floats(width=bits if bits > 16 else 32, allow_nan=False),  # type: ignore[arg-type]  # 32 or 64
    }
    number = data.draw(strategies[kind[0]])
    one = codec(kind, order)
    assert one.pack(number) == vector(kind, order, number)
    assert one.unpack(one.pack(number)) == number


def test_orders_by_eye() -> None:
    """0x0A0B0C0D in the four orders, as the ICD names them."""
    wires = [codec("u32", order).pack(0x0A0B0C0D).hex() for order in ORDERS]
    assert wires == ["0a0b0c0d", "0c0d0a0b", "0b0a0d0c", "0d0c0b0a"]


def test_own_order_goes_before_the_maps() -> None:
    """`word_order` of a register overrides."""
    assert codec("u32", "ABCD", word_order="CDAB").pack(1) == b"\0\1\0\0"


def test_engineering_values_go_to_words_and_back() -> None:
    """Scale, names and arrays."""
    assert codec("i16", scale=0.01).to_words([-1.5]) == struct.pack(">h", -150)
    assert codec("i16", scale=0.01).from_words(struct.pack(">h", -150)) == [-1.5]
    assert codec(enum="mode").to_words(["on"]) == b"\0\2"
    assert codec("u32", "CDAB", count=2).from_words(codec("u32", "CDAB", count=2).to_words([1, 2**31])) == [1, 2**31]


@pytest.mark.parametrize(("value", "fits"), [(4, False), (5, True), (10, True), (11, False)])
def test_peers_values_are_checked(value: int, fits: bool) -> None:
    """At each limit and one beyond."""
    one = codec(min=5, max=10)
    assert one.checked
    if fits:
        one.check(value)
    else:
        with pytest.raises(CodecError, match="reg"):
            one.check(value)


def test_undefined_codes_of_bit_fields_are_refused() -> None:
    """A bit field with an enumeration takes its codes alone."""
    one = codec(bits=(BitField(name="mode", low=4, bits=2, enum="mode"),))
    one.check(0x20)
    with pytest.raises(CodecError, match=r"reg\.mode: code 1"):
        one.check(0x10)


def test_what_does_not_fit_the_type_is_refused() -> None:
    """Out of range, or not a number at all."""
    for value in (65536, -1, "x", None, 1.5):
        with pytest.raises(CodecError, match="does not fit u16"):
            codec().pack(value)  # type: ignore[arg-type]  # the point of the test


@given(st.integers(0, 2**64 - 1), st.integers(0, 63), st.data())
def test_bit_fields_leave_their_neighbours_alone(plain: int, low: int, data: st.DataObject) -> None:
    """Changing one field changes no other bit."""
    bits = data.draw(st.integers(1, 64 - low))
    field = BitField(name="f", low=low, bits=bits)
    value = data.draw(st.integers(0, 2**bits - 1))
    changed = with_bit_field(field, plain, value)
    assert bit_field(field, changed) == value
    mask = ((1 << bits) - 1) << low
    assert changed & ~mask == plain & ~mask
    with pytest.raises(CodecError):
        with_bit_field(field, plain, 1 << bits)
