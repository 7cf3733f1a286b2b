# SPDX-License-Identifier: Apache-2.0
"""Requirements as data, judged over a trace: live or years later, the same answer."""
