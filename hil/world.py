# SPDX-License-Identifier: Apache-2.0
"""The scenario's truth: where targets are, and how each flight ends. Radars and launchers ask it."""

from __future__ import annotations

from interfaces.wire import Record


class Look(Record, frozen=True, gc=False):
    """A radar asks what stands around it; `x_m`, `y_m` is where it stands itself (east, north)."""

    x_m: int
    y_m: int


class Plot(Record, frozen=True, gc=False):
    """One target as it truly is, seen from the asker; the asker draws detection and noise itself."""

    target: str
    range_m: int
    bearing_cdeg: int
    elevation_cdeg: int
    speed_mps: int
    classification: str
    detection_ppm: int


class Plots(Record, frozen=True):
    """The world's answer to `Look`."""

    plots: tuple[Plot, ...]


class Tracked(Record, frozen=True, gc=False):
    """A radar tells which target its track follows (scenario bookkeeping, never on a wire)."""

    track: int
    target: str


class Away(Record, frozen=True, gc=False):
    """A launcher tells that a cell's interceptor left, and the track number it was given."""

    cell: int
    track: int


class Outcome(Record, frozen=True, gc=False):
    """The world tells every radar how a flight ended, after the scenario's delay."""

    track: int
    target: str
    result: str
