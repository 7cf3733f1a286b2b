# SPDX-License-Identifier: Apache-2.0
"""The bench: emulated devices, lines, clocks, scenarios, traces and verdicts."""
