"""Learning: what every trainer shares, and below it what is learnt.

The only package that imports torch, Lightning and transformers (the extra ``train``).
Ask :func:`closeup.training.requirements.require_training` before anything else of it is imported.
"""
