"""How long the tests marked `soak` run: a sample in `make check`, in full in `make soak`.

What is made up at random in them comes from `SEED`, so that a failure can be had again:
ROLEWISE_SEED=… make soak.
"""

import os

IS_FULL = os.environ.get("ROLEWISE_SOAK", "") not in {"", "0"}
SEED = int(os.environ.get("ROLEWISE_SEED", "20261126"))


def rounds(*, sample: int, full: int) -> int:
    """Return how many rounds a test goes."""
    return full if IS_FULL else sample
