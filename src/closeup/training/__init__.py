"""Training: the parts that all trainers share, and one subpackage for each network.

The only package that imports torch, Lightning and transformers (the extra ``train``). Call
:func:`closeup.training.requirements.require_training` before importing any other module of it.
"""
