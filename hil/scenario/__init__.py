# SPDX-License-Identifier: Apache-2.0
"""Scenario and bench files: their model and their loader. Sections of other owners stay raw."""
