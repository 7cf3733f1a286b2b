# SPDX-License-Identifier: Apache-2.0
"""What a bench engineer does around a run: finding out what this host can do."""
