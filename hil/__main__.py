# SPDX-License-Identifier: Apache-2.0
"""`python -m hil` is `hil`."""

import sys

from hil.cli.main import main

sys.exit(main())
