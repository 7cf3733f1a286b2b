# SPDX-License-Identifier: Apache-2.0
"""What moves time: `virtual` (the next event, at once) and `real` (the machine's monotonic clock)."""
