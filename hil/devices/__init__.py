# SPDX-License-Identifier: Apache-2.0
"""Emulated devices: pure parts that live in messages and registers."""
