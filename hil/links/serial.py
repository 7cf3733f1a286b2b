# SPDX-License-Identifier: Apache-2.0
"""A serial port at a tap of a `Line`: `/dev/ttyUSB0`, or a pyserial URL behind which there is a descriptor.

The UART takes a character's time itself, so its tap belongs in the line's `real_taps`: what is sent comes
here when it begins; what was received goes out as a `Burst` that ended, at best, when it was read. How much
earlier that may have been is its `late_ns`: the FIFO's time-out, the adapter's latency timer, our wake-up.
Receive flaws are not seen: a UART's driver passes on characters without them. Not proved on hardware.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Protocol

import serial
import serial.rs485

from hil.descriptor import Emit, Poller
from hil.links.outlet import Outlet, traced
from hil.part import Output
from hil.trace.events import TRACE, Note
from interfaces.errors import PortError
from interfaces.wire import NS_PER_MS, NS_PER_S, Burst

LINE = "line"
_READ_BYTES = 4096
_FIFO_TIMEOUT_CHARS = 4  # a 16550 tells of a FIFO that is not full after four characters of silence
_WAKE_NS = 1 * NS_PER_MS
_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_MENDS = {
    errno.ENOENT: ("is not there", "plug it in, or name one that `hil doctor` lists"),
    errno.EACCES: ("may not be opened", "join its group (often: dialout) and log in again"),
    errno.EAGAIN: ("is in use", "stop the program that holds it"),
    errno.EBUSY: ("is in use", "stop the program that holds it"),
}


class Settings(Protocol):
    """An ICD's serial line, as far as a port must be set."""

    @property
    def bit_rate_bps(self) -> int: ...
    @property
    def data_bits(self) -> int: ...
    @property
    def parity(self) -> str: ...
    @property
    def stop_bits(self) -> int: ...
    @property
    def char_bits(self) -> int: ...


class SerialGateway:
    """`rs485` lets the driver switch the direction with RTS."""

    deadline_ns: int | None = None

    def __init__(self, name: str, url: str, settings: Settings, *, rs485: bool = False) -> None:
        self.name = name
        self._url, self._settings, self._rs485 = url, settings, rs485
        self._port: serial.SerialBase | None = None
        self._fd = -1
        self._late_ns = 0
        self._outlet: Outlet | None = None

    @property
    def where(self) -> str:
        return self._url

    def open(self, poller: Poller, emit: Emit) -> None:
        self._poller, self._emit = poller, emit
        self._port = self._opened()
        try:
            self._fd = self._port.fileno()
            if self._rs485:
                self._port.rs485_mode = serial.rs485.RS485Settings()
        except (OSError, ValueError) as error:
            self._port.close()
            self._port = None
            raise self._unfit() from error
        chars_ns = _FIFO_TIMEOUT_CHARS * self._settings.char_bits * NS_PER_S // self._settings.bit_rate_bps
        self._late_ns = _WAKE_NS + chars_ns + _latency_timer_ns(self._url)
        self._outlet = Outlet(self.name, LINE, self._write_some)
        poller.watch(self._fd, self._readable)

    def close(self) -> None:
        if self._port is not None:
            self._poller.unwatch(self._fd)
            self._port.close()
            self._port = self._outlet = None

    def receive(self, now_ns: int, port: str, item: Any) -> list[Output]:
        if type(item) is not Burst or self._outlet is None:
            return []
        out: list[Output] = []
        try:
            self._outlet.put(now_ns, item.data, out)
        except OSError as error:
            return self._failed(now_ns, str(error.strerror))
        if self._outlet.waits:
            self._poller.watch(self._fd, self._readable, self._writable)
        return traced(out)

    def expire(self, now_ns: int) -> list[Output]:
        return []

    def _opened(self) -> serial.SerialBase:
        settings = self._settings
        try:
            return serial.serial_for_url(
                self._url,
                settings.bit_rate_bps,
                bytesize=settings.data_bits,
                parity=_PARITY[settings.parity],
                stopbits=settings.stop_bits,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:
            # Without a number pyserial says in words what the driver or the URL does not know.
            number = getattr(error, "errno", None)
            problem, mend = _MENDS.get(number or 0, (str(error), "check the port and the line's settings"))
            raise PortError(self._url, problem, mend) from error

    def _unfit(self) -> PortError:
        if self._rs485:
            return PortError(
                self._url, "its driver cannot switch RS-485 direction", "use an adapter that does so by itself"
            )
        return PortError(self._url, "has no file descriptor to wait on", "name a device, or a socket:// URL")

    def _write_some(self, data: bytes | bytearray) -> int:
        return os.write(self._fd, data)

    def _writable(self, now_ns: int) -> None:
        assert self._outlet is not None
        out: list[Output] = []
        try:
            self._outlet.flush(now_ns, out)
        except OSError as error:
            self._emit(self._failed(now_ns, str(error.strerror)))
            return
        if not self._outlet.waits:
            self._poller.watch(self._fd, self._readable)
        self._emit(traced(out))

    def _readable(self, now_ns: int) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._emit(self._failed(now_ns, str(error.strerror)))
            return
        if not data:
            self._emit(self._failed(now_ns, "end of data"))
            return
        rate, char_bits = self._settings.bit_rate_bps, self._settings.char_bits
        start_ns = max(0, now_ns - len(data) * char_bits * NS_PER_S // rate)
        self._emit([(LINE, Burst(start_ns, data, rate, char_bits, (), self._late_ns))])

    def _failed(self, now_ns: int, reason: str) -> list[Output]:
        """The port has gone, as an adapter that was pulled out does; the bench goes on without it."""
        self.close()
        return [(TRACE, Note(now_ns, self.name, f"port {self._url} failed: {reason}"))]


def _latency_timer_ns(path: str) -> int:
    """How long a USB adapter may hold back a short read: its latency timer (FTDI's driver shows it), else 0."""
    timer = Path("/sys/class/tty") / Path(path).resolve().name / "device" / "latency_timer"
    try:
        return int(timer.read_text()) * NS_PER_MS
    except (OSError, ValueError):
        return 0
