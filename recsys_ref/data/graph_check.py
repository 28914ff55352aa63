"""Whether a knowledge graph is linked to the right items."""

import numpy as np

from recsys_ref.data.items import Items
from recsys_ref.data.knowledge_graph import NO_ENTITY, KnowledgeGraph


def genre_agreement(
    graph: KnowledgeGraph,
    items: Items,
    relation: str,
    *,
    permutations: int = 1000,
    rng: np.random.Generator | int = 0,
) -> tuple[float, np.ndarray]:
    """Measure whether films that share a neighbour share MovieLens genres.

    If the links are right, films by one director are more alike than films
    taken at random. If they are not, nothing tells them from a graph whose
    items were shuffled.

    Args:
        graph: The graph to test.
        items: The items that it is linked to.
        relation: What two films of a pair have in common.
        permutations: How often to shuffle the linked items.
        rng: Seed of the shuffles.

    Returns:
        The mean Jaccard index of the genres over all pairs, and the same
        after each shuffle, `float64[permutations]`. NaN if there are no pairs.
    """
    linked, first = np.unique(graph.item_entity, return_index=True)
    rows = first[linked != NO_ENTITY]  # a film listed twice counts once
    shared = graph.neighbours(relation)[rows]
    one, other = (shared @ shared.T).nonzero()
    one, other = one[one < other], other[one < other]
    if not one.size:
        return float("nan"), np.full(permutations, np.nan)
    alike = _jaccard(items.genres[rows].astype(np.float64))
    generator = np.random.default_rng(rng)
    shuffled = np.empty(permutations)
    for number in range(permutations):
        place = generator.permutation(len(rows))
        shuffled[number] = alike[place[one], place[other]].mean()
    return float(alike[one, other].mean()), shuffled


def _jaccard(sets: np.ndarray) -> np.ndarray:
    """Return `float64[N, N]` from `float64[N, G]` of 0 and 1; 0 if both are empty."""
    common = sets @ sets.T
    size = sets.sum(axis=1)
    either = size[:, None] + size[None, :] - common
    return np.divide(common, either, out=np.zeros_like(common), where=either > 0)
