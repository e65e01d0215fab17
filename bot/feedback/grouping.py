"""Questions are grouped by meaning: average-linkage clustering, cut at a cosine."""

import numpy as np

from index.encoder import Vectors

LEAST_SIMILARITY = 0.6
"""Two groups become one while the mean cosine between their members is at least this.

Source: `python -m benchmarks grouping`.
"""


def group_vectors(vectors: Vectors, least_similarity: float = LEAST_SIMILARITY) -> list[list[int]]:
    """Return groups of rows, the largest first, and in each the most central row first.

    The mean cosine between two groups is the inner product of their means, so that a group is no
    more than a sum and a count, and the most similar pairs are found by following nearest
    neighbours (the nearest-neighbour chain of Murtagh 1983, exact for average linkage).

    Args:
        vectors: float32, shape (count, dimension), unit norm.
        least_similarity: Where to stop.
    """
    sums = vectors.astype(np.float64)
    sizes = np.ones(len(sums))
    members = [[row] for row in range(len(sums))]
    is_open = np.ones(len(sums), dtype=bool)
    chain: list[int] = []
    while is_open.any():
        if not chain:
            chain.append(int(is_open.argmax()))
        last = chain[-1]
        similarities = sums @ sums[last] / (sizes * sizes[last])
        similarities[~is_open] = -np.inf
        similarities[last] = -np.inf
        nearest = int(similarities.argmax())
        before = chain[-2] if len(chain) > 1 else -1
        # On a tie the way back is taken, or the chain would never end.
        if before >= 0 and similarities[before] >= similarities[nearest]:
            nearest = before
        if similarities[nearest] < least_similarity:
            # Nothing comes nearer to it: by merging, groups only move apart.
            is_open[last] = False
            chain.pop()
        elif nearest == before:
            del chain[-2:]
            is_open[last] = False
            sums[nearest] += sums[last]
            sizes[nearest] += sizes[last]
            members[nearest] += members[last]
            members[last] = []
        else:
            chain.append(nearest)
    groups = [
        sorted(rows, key=lambda row: (-float(vectors[row] @ sums[place]), row))
        for place, rows in enumerate(members)
        if rows
    ]
    return sorted(groups, key=lambda rows: (-len(rows), min(rows)))
