# SPDX-License-Identifier: Apache-2.0
"""A framed message set: payload bytes to (message, fields) and back.

Fields stand one behind the other, most significant bit first:

    byte 0            byte 1
    7 6 5 4 3 2 1 0   7 6 5 4 ...
    [ first field  ]  [ next  ] ...

A field of `order: little` has its bytes swapped. The last byte is filled up with zeros. Each message is
compiled once, into blocks of fixed width (shifts on one integer) and what is counted or grouped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from interfaces.codec.plan import Filler, Part, Reader, compile_fields, pack
from interfaces.codec.scale import swap
from interfaces.errors import CodecError
from interfaces.spec.model import Field, Message, MessageSet
from interfaces.wire import Record

ID = "id"


class Decoded(Record, frozen=True):
    """A message by its name, with the engineering values of its fields (header included, `id` not)."""

    message: str
    fields: dict[str, Any]


class MessageCodec:
    """Every message of a set, compiled once. `enums` are the ICD's enumerations."""

    def __init__(self, message_set: MessageSet, enums: Mapping[str, Mapping[str, int]]) -> None:
        header = message_set.header
        field = next(field for field in header if field.name == ID)
        self._id_end = _bits_before(header, field) + field.bits
        self._id_mask = (1 << field.bits) - 1
        self._messages = message_set.messages
        self._plans: dict[str, Sequence[Part]] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[int, str] = {}
        for name, message in message_set.messages.items():
            raw_id = swap(message.id, field.bits // 8) if field.order == "little" else message.id
            fields = (*header, *message.fields)
            self._plans[name] = compile_fields(fields, name, enums, {ID: Filler(raw_id)})
            self._counts[name] = sum(one.type != "pad" for one in fields) - 1
            self._names[raw_id] = name

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes, so that a copied bench shares it

    def message(self, name: str) -> Message:
        """What the ICD says of a message."""
        return self._messages[name]

    def encode(self, name: str, fields: Mapping[str, Any]) -> bytes:
        """The payload of a message. Raises `CodecError` for an unknown name, a missing, unknown or unfit field."""
        plan = self._plans.get(name)
        if plan is None:
            raise CodecError(name, "no such message")
        packed = pack(plan, fields)
        # Every field was there, so that one more can only be one too many.
        if len(fields) != self._counts[name]:
            raise CodecError(name, f"has not all of the fields {', '.join(fields)}")
        fill = -packed.bits % 8
        return (packed.value << fill).to_bytes((packed.bits + fill) // 8, "big")

    def decode(self, payload: bytes) -> Decoded:
        """The message in a payload. Raises `CodecError` for an unknown id, a wrong length, an unfit value."""
        reader = Reader(payload)
        name = self._names.get(reader.peek(self._id_end, self._id_mask))
        if name is None:
            raise CodecError("id", f"no message begins with {payload[: self._id_end // 8].hex()}")
        fields: dict[str, Any] = {}
        for part in self._plans[name]:
            part.unpack(reader, fields)
        if reader.left >= 8:
            raise CodecError(name, f"{reader.left // 8} bytes too long")
        return Decoded(name, fields)


def _bits_before(header: Sequence[Field], field: Field) -> int:
    return sum(one.bits for one in header[: header.index(field)])
