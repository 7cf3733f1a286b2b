# SPDX-License-Identifier: Apache-2.0
"""What drives and judges the RTL's pins under cocotb. `bench_*` modules are cocotb's tests, run from pytest."""
