# SPDX-License-Identifier: Apache-2.0
"""The interceptor logic in SystemVerilog and its benches."""
