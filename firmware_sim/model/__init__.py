# SPDX-License-Identifier: Apache-2.0
"""The Verilated design as a library, for the virtual and the real clock."""
