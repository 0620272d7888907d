"""Closeup finds every face in a video, knows who each one is, and makes close-ups of them.

The public names are listed in ``__init__.pyi``; each is imported when it is first used, so that
``import closeup`` itself takes no time.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
