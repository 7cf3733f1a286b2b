# SPDX-License-Identifier: Apache-2.0
"""pymodbus's own asyncio server as its documents recommend it. `pymodbus_server.py tcp` prints its port;
`pymodbus_server.py rtu DEVICE` prints `ready`. Serves until killed.
"""

from __future__ import annotations

import asyncio
import sys

from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

DEVICE = SimDevice(id=1, simdata=[SimData(address=0, count=100, datatype=DataType.REGISTERS)])


async def serve_tcp() -> None:
    server = ModbusTcpServer(DEVICE, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


async def serve_rtu(device: str) -> None:
    server = ModbusSerialServer(DEVICE, framer=FramerType.RTU, port=device, baudrate=115_200)
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve_tcp() if sys.argv[1] == "tcp" else serve_rtu(sys.argv[2]))
