# SPDX-License-Identifier: Apache-2.0
"""Interface specifications and everything derived from them: pure bytes, numbers and text.

Nothing in this package opens a port, reads a clock or imports `hil`.
"""
