"""Questions are grouped by meaning: average-linkage clustering, cut at a cosine."""

import numpy as np
import numpy.typing as npt

from index.encoding.encoder import Vectors

LEAST_SIMILARITY = 0.6
"""Two groups become one while the mean cosine between their members is at least this.

Source: `python -m benchmarks.grouping`.
"""


def group_vectors(vectors: Vectors, least_similarity: float = LEAST_SIMILARITY) -> list[list[int]]:
    """Return groups of rows, the largest first, and in each the most central row first.

    The most similar pairs are found by following nearest neighbours (the nearest-neighbour chain of
    Murtagh 1983, exact for average linkage), so that time and memory grow with the square of the
    rows.

    Args:
        vectors: float32, shape (count, dimension), unit norm.
        least_similarity: Where to stop.
    """
    exact = vectors.astype(np.float64)
    # The mean cosine between the groups that two rows stand for; of what is done with, none.
    similarities = exact @ exact.T
    np.fill_diagonal(similarities, -np.inf)
    members = [[row] for row in range(len(vectors))]
    is_open = np.ones(len(vectors), dtype=bool)
    chain: list[int] = []
    while is_open.any():
        if not chain:
            chain.append(int(is_open.argmax()))
        last = chain[-1]
        nearest = int(similarities[last].argmax())
        before = chain[-2] if len(chain) > 1 else -1
        # On a tie the way back is taken, or the chain would never end.
        if before >= 0 and similarities[last, before] >= similarities[last, nearest]:
            nearest = before
        if similarities[last, nearest] < least_similarity:
            # Nothing comes nearer to it: by merging, groups only move apart.
            chain.pop()
        elif nearest == before:
            del chain[-2:]
            sizes = len(members[last]), len(members[nearest])
            mean = np.average(similarities[[last, nearest]], axis=0, weights=sizes)
            mean[nearest] = -np.inf
            similarities[nearest] = similarities[:, nearest] = mean
            members[nearest] += members[last]
            members[last] = []
        else:
            chain.append(nearest)
            continue
        is_open[last] = False
        similarities[last] = similarities[:, last] = -np.inf
    groups = [_put_central_first(rows, exact) for rows in members if rows]
    return sorted(groups, key=lambda rows: (-len(rows), min(rows)))


def _put_central_first(rows: list[int], exact: npt.NDArray[np.float64]) -> list[int]:
    nearness = dict(zip(rows, exact[rows] @ exact[rows].sum(axis=0), strict=True))
    return sorted(rows, key=lambda row: (-nearness[row], row))
