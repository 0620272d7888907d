"""Pupils: eye crops, methods that find the pupil in them, and gaze."""
