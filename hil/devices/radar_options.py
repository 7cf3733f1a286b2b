# SPDX-License-Identifier: Apache-2.0
"""What a bench file may say about a radar."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from hil.devices.contract import DeviceOptions

Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class RadarOptions(DeviceOptions, frozen=True):
    """`x_m`, `y_m` is where the radar stands (east, north); `first_track` opens its block of track numbers.

    Noise is a standard deviation; `false_alarms_per_scan_ppm` may exceed a million. The gates say how far
    from a track's last measurement its next one may lie, beyond what its speed explains.
    """

    x_m: int = 0
    y_m: int = 0
    first_track: Annotated[int, msgspec.Meta(ge=1, le=60_000)] = 1
    noise_range_m: Natural = 30
    noise_bearing_cdeg: Natural = 20
    noise_elevation_cdeg: Natural = 20
    noise_speed_mps: Natural = 3
    false_alarms_per_scan_ppm: Natural = 0
    gate_range_m: Natural = 500
    gate_angle_cdeg: Natural = 200
