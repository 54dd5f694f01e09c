"""``python -m clearprop.engines``: see ``prepare``."""

import sys

from clearprop.engines.prepare import main

main(sys.argv[1:])
