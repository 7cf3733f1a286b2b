# SPDX-License-Identifier: Apache-2.0
"""The one record of a run: its events, the recorder, and questions asked of it."""
