"""Labelling by people: what is asked of them, what comes next, and what their answers change."""
