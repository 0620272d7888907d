"""Composed scenes of faces with exact labels."""
