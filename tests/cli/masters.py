# SPDX-License-Identifier: Apache-2.0
"""A good master on TCP and on a pty, by hand, for a bench that serves `tests/interop/tables.yaml`; and its trace."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interfaces.framing.crc import modbus as crc
from tests.processes import Served

ICD = Path(__file__).parents[1] / "interop" / "tables.yaml"
ICD_ARGUMENTS = ["--icd", ICD, "--tcp", "127.0.0.1:0", "--rtu", "pty"]

UNIT, REGISTER = 7, 40
ANSWER_LIMIT_S = 5.0
PDU = bytes([4]) + REGISTER.to_bytes(2, "big") + (1).to_bytes(2, "big")  # read one input register
REPLY = bytes([4, 2]) + (4660).to_bytes(2, "big")  # its value in tables.yaml


def mbap(pdu: bytes, transaction: int = 1) -> bytes:
    return transaction.to_bytes(2, "big") + bytes(2) + (len(pdu) + 1).to_bytes(2, "big") + bytes([UNIT]) + pdu


def rtu(pdu: bytes) -> bytes:
    frame = bytes([UNIT]) + pdu
    return frame + crc(frame).to_bytes(2, "little")


def connect(served: Served, line: str = "tcp") -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.tcp_port(line)), ANSWER_LIMIT_S)


def ask_tcp(served: Served) -> None:
    """A good master on a connection of its own gets its answer."""
    with connect(served) as master:
        master.sendall(mbap(PDU))
        expected = mbap(REPLY)
        data = b""
        while len(data) < len(expected):
            more = master.recv(100)
            assert more, "the bench closed the connection of a good master"
            data += more
        assert data == expected


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """The peer's end of a pty, raw."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(fd)
        yield fd
    finally:
        os.close(fd)


def read_until(fd: int, expected: bytes) -> None:
    data = b""
    while not data.endswith(expected):
        readable, _, _ = select.select([fd], [], [], ANSWER_LIMIT_S)
        assert readable, f"no answer, only {data!r}"
        data += os.read(fd, 100)


def ask_rtu(fd: int) -> None:
    """A good master on the pty gets its answer."""
    os.write(fd, rtu(PDU))
    read_until(fd, rtu(REPLY))


def records(folder: Path) -> list[dict[str, Any]]:
    """The trace, every whole line of which is JSON; where the bench closed it, it ends with a whole one."""
    return [json.loads(line) for line in (folder / "trace.jsonl").read_bytes().split(b"\n")[:-1]]
