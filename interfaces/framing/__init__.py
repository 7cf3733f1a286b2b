# SPDX-License-Identifier: Apache-2.0
"""Framers: bursts in, good frames and rejects out, and back to bytes. Import the leaf you need."""
