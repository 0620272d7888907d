"""How files and folders are named, written and taken up again."""
