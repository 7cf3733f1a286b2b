# SPDX-License-Identifier: Apache-2.0
"""Frames to messages with fields and back, registers to values and back: from the ICD and nothing else."""
