"""``python -m closeup`` is ``closeup``."""

from closeup.cli import main

main()
