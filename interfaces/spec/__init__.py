# SPDX-License-Identifier: Apache-2.0
"""The ICD: its model, its loader and its cross-checks."""
