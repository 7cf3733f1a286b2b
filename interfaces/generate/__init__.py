# SPDX-License-Identifier: Apache-2.0
"""An ICD in other languages, so that no number of it is written there by hand."""
