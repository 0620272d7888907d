"""``python -m closeup`` runs the command ``closeup``."""

from closeup.cli import main

main()
