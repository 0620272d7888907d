# %% [markdown]
# # 10. The loop in one command
#
# Propose, ask people, train, measure, ask again: the steps of the notebooks before, in one project that can be interrupted
# anywhere. Here an *oracle*, a table of the truth, answers in place of people, so that it runs unattended.
#
# The photos are variants of two portraits and the trainings take seconds: **a demonstration** of the flow. Its figures hold for nobody
# else.

# %%
import json
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import closeup as cu

folder = Path(tempfile.mkdtemp())
truth = cu.testing.write_varied_portraits(folder / "photos", 80, seed=20)
test = cu.testing.write_varied_portraits(folder / "test", 40, seed=21)

# %% [markdown]
# ## Begin, and wait for people
#
# Without an oracle the first run collects the pictures, lets the classic methods propose, fills the queues of the round, and
# says what is to be done.

# %%
setup = {
    "pictures": folder / "photos",
    "detector": "closeup",
    "test": test,
    "test_images": folder / "test",
}
budget = {"rounds": 3, "verdicts": 30, "points": 12, "networks": 1, "epochs": 4, "steps": 60}
pause = cu.run_loop(folder / "project", setup, budget)
print("waiting:", dict(pause.undecided))
for line in pause.steps:
    print(line.replace(str(folder), "."))
