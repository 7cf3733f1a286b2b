# SPDX-License-Identifier: Apache-2.0
"""Modbus PDUs from the MODBUS Application Protocol V1.1b3: server side, client side, lengths."""
