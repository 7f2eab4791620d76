"""`python -m kcurve`: the same as the command `kcurve`."""

import sys

from kcurve.cli import main

sys.exit(main())
