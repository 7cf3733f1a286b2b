# SPDX-License-Identifier: Apache-2.0
"""Messages: any layout goes out and comes back; what does not fit is refused by name."""

from __future__ import annotations

import copy
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.codec.message import Decoded, MessageCodec
from interfaces.errors import CodecError
from interfaces.spec.load import shipped
from interfaces.spec.model import MessageSet

ENUMS = {"mode": {"off": 0, "on": 2, "auto": 3}}
HEADER = [{"name": "id", "bits": 8}, {"name": "sequence", "bits": 8, "role": "counter"}]
HEAD = {"sequence": 9}


def codec(*fields: dict[str, Any], header: Any = HEADER) -> MessageCodec:
    """A set with one message `m`, id 0x42."""
    message = {"id": 0x42, "sender": "device", "text": "M", "fields": fields}
    framing = {"kind": "cobs", "crc": "crc16_kermit"}
    return MessageCodec(
        msgspec.convert({"framing": framing, "header": header, "messages": {"m": message}}, MessageSet), ENUMS
    )


def test_layout_by_eye() -> None:
    """Bits most significant first, little-endian bytes swapped, the last byte filled with zeros."""
    one = codec(
        {"name": "a", "bits": 4},
        {"name": "b", "bits": 12, "type": "int"},
        {"name": "c", "bits": 16, "order": "little"},
        {"name": "gap", "bits": 3, "type": "pad"},
        {"name": "mode", "bits": 2, "type": "enum", "enum": "mode"},
        {"name": "on", "bits": 1, "type": "bool"},
        {"name": "d", "bits": 3},
    )
    fields = {**HEAD, "a": 0xA, "b": -2, "c": 0x1234, "mode": "on", "on": True, "d": 5}
    payload = one.encode("m", fields)
    assert payload.hex() == "4209" + "affe" + "3412" + f"{0b000_10_1_10:02x}" + f"{0b1_0000000:02x}"
    assert one.decode(payload) == Decoded("m", fields)


@pytest.mark.parametrize(("bits", "letter"), [(16, "e"), (32, "f"), (64, "d")])
@pytest.mark.parametrize(("order", "end"), [("big", ">"), ("little", "<")])
def test_floats_stand_as_struct_has_them(bits: int, letter: str, order: str, end: str) -> None:
    """IEEE 754 in both byte orders."""
    one = codec({"name": "x", "bits": bits, "type": "float", "order": order})
    payload = one.encode("m", {**HEAD, "x": -1.5})
    assert payload[2:] == struct.pack(f"{end}{letter}", -1.5)
    assert one.decode(payload).fields["x"] == -1.5


def test_id_may_stand_anywhere_in_the_header() -> None:
    """Behind other fields, and little-endian."""
    header = [{"name": "version", "bits": 4}, {"name": "id", "bits": 16}, {"name": "rest", "bits": 4}]
    one = codec(header=header)
    assert one.encode("m", {"version": 1, "rest": 2}).hex() == "100422"
    assert one.decode(bytes.fromhex("100422")).fields == {"version": 1, "rest": 2}
    swapped = codec(header=[{"name": "id", "bits": 16, "order": "little"}])
    assert swapped.encode("m", {}).hex() == "4200"
    assert swapped.decode(b"\x42\x00").message == "m"


FIELDS = st.one_of(
    st.builds(lambda bits: ({"bits": bits}, st.integers(0, 2**bits - 1)), st.integers(1, 64)),
    st.builds(
        lambda bits: ({"bits": bits, "type": "int"}, st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)),
        st.integers(1, 64),
    ),
    st.just(({"bits": 64, "type": "float"}, st.floats(allow_nan=False))),
    st.just(({"bits": 2, "type": "enum", "enum": "mode"}, st.sampled_from(["off", "on", "auto"]))),
    st.just(({"bits": 1, "type": "bool"}, st.booleans())),
    st.builds(
        lambda bits, count: (
            {"bits": bits, "count": count},
            st.lists(st.integers(0, 2**bits - 1), min_size=count, max_size=count),
        ),
        st.integers(1, 20),
        st.integers(0, 5),
    ),
)


@given(st.data(), st.lists(FIELDS, max_size=10))
def test_any_layout_survives_both_ways(data: st.DataObject, drawn: list[Any]) -> None:
    """Fields of any width in any order, arrays among them, groups of them in a counted array."""
    fields = [{"name": f"f{index}", **definition} for index, (definition, _) in enumerate(drawn)]
    values = st.fixed_dictionaries({f"f{index}": value for index, (_, value) in enumerate(drawn)})
    rows = data.draw(st.lists(values, max_size=3)) if fields else []
    once = data.draw(values)
    counted = [{"name": "number", "bits": 3}, {"name": "rows", "type": "group", "count": "number", "fields": fields}]
    one = codec(*fields, *(counted if fields else []))
    given_fields = {**HEAD, **once, **({"number": len(rows), "rows": rows} if fields else {})}
    payload = one.encode("m", given_fields)
    assert one.decode(payload) == Decoded("m", given_fields)


def test_group_that_is_there_once() -> None:
    """A group without a count is a mapping."""
    one = codec({"name": "at", "type": "group", "fields": [{"name": "x", "bits": 8}, {"name": "y", "bits": 8}]})
    payload = one.encode("m", {**HEAD, "at": {"x": 1, "y": 2}})
    assert payload == b"\x42\x09\x01\x02"
    assert one.decode(payload).fields["at"] == {"x": 1, "y": 2}


ARRAY = ({"name": "n", "bits": 8}, {"name": "xs", "bits": 8, "count": "n", "max_count": 2})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"n": 1}, r"m\.xs: no value"),
        ({"xs": []}, r"m\.n: no value"),
        ({"n": 2, "xs": [1]}, r"m\.xs: 1 elements where there are 2"),
        ({"n": 3, "xs": [1, 2, 3]}, r"m\.xs: 3 elements, at most 2"),
        ({"n": 1, "xs": [256]}, r"m\.xs: 256 is outside 0 to 255"),
        ({"n": 1, "xs": 7}, r"m\.xs: 7 is no list"),
        ({"n": 0, "xs": [], "more": 1}, "more"),
    ],
)
def test_fields_that_do_not_fit_are_named(fields: dict[str, Any], problem: str) -> None:
    """Missing, unknown, too many, out of range."""
    with pytest.raises(CodecError, match=problem):
        codec(*ARRAY).encode("m", {**HEAD, **fields})


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x42", b"\x43\x09\x00", b"\x42\x09", b"\x42\x09\x01", b"\x42\x09\x01\x00\x00", b"\x42\x09\x03abc"],
)
def test_payloads_that_are_no_message_are_refused(payload: bytes) -> None:
    """Too short for the header or the fields, an unknown id, too long, too many elements."""
    with pytest.raises(CodecError):
        codec(*ARRAY).decode(payload)


def test_unknown_message_is_refused() -> None:
    """Nothing of that name in the set."""
    with pytest.raises(CodecError, match="other: no such message"):
        codec().encode("other", HEAD)


@pytest.mark.parametrize("name", ["radar", "interceptor"])
@given(payload=st.binary(max_size=60), ours=st.booleans(), index=st.integers(0, 20))
def test_garbage_raises_nothing_but_codec_errors(name: str, payload: bytes, ours: bool, index: int) -> None:
    """And whatever is decoded encodes to the same bytes, pads and fill aside."""
    icd = shipped(name)
    assert icd.messages is not None
    one = MessageCodec(icd.messages, icd.enums)
    if ours:
        ids = [message.id for message in icd.messages.messages.values()]
        payload = bytes([ids[index % len(ids)]]) + payload
    try:
        decoded = one.decode(payload)
    except CodecError:
        return
    again = one.encode(decoded.message, decoded.fields)
    assert len(again) == len(payload)
    assert one.decode(again) == decoded


def test_copied_bench_shares_its_codecs() -> None:
    """Nothing in a codec changes."""
    one = codec()
    assert copy.deepcopy(one) is one
