# SPDX-License-Identifier: Apache-2.0
"""The interceptor logic behind a launcher cell: one contract, two bodies (Python twin, RTL)."""
