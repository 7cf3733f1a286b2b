# SPDX-License-Identifier: Apache-2.0
"""A bench: every part of one run on one kernel. `hil.compose` builds it from files.

`copy.deepcopy` of a bench whose parts are all pure gives an independent one that goes on alike.
"""

from __future__ import annotations

from typing import Any

from hil.attach import Node
from hil.descriptor import Gateway, Poller
from hil.disturb import DISTURB, Disturb
from hil.kernel import Kernel
from hil.part import Part
from hil.trace.recorder import Recorder


class Bench:
    """Nodes by name on a kernel, with a recorder; gateways are those nodes that own descriptors."""

    def __init__(self, recorder: Recorder) -> None:
        self.kernel = Kernel()
        self.recorder = recorder
        self.nodes: dict[str, Node] = {}
        self.gateways: dict[str, Gateway] = {}

    def add(self, part: Part) -> Node:
        """Put a part on the kernel under its own name."""
        if part.name in self.nodes:
            raise ValueError(f"two parts are called {part.name!r}")
        node = Node(self.kernel, part, self.recorder.add)
        self.nodes[part.name] = node
        return node

    def add_gateway(self, gateway: Gateway) -> Node:
        """Put a link to the outside world on the kernel; `open` takes its port."""
        self.gateways[gateway.name] = gateway
        return self.add(gateway)

    def join(self, one: Node, one_port: str, other: Node, other_port: str) -> None:
        """Connect two ports, both ways."""
        one.connect(one_port, other, other_port)
        other.connect(other_port, one, one_port)

    def disturb(self, place: str, what: str, value: Any = None) -> None:
        """Change a part from outside its interfaces, at the present instant."""
        self.nodes[place].inject(DISTURB, Disturb(place, what, value))

    def open(self, poller: Poller) -> None:
        """Take every real port; on failure those already taken are given back."""
        try:
            for name, gateway in self.gateways.items():
                gateway.open(poller, self.nodes[name].emit)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give every real port back."""
        for gateway in self.gateways.values():
            gateway.close()
