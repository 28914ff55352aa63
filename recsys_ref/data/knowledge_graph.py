"""Facts about the films of MovieLens-100K: who directed, acted, preceded.

The asset's `.kg` holds triples of Freebase entities and its `.link` says which
film is which entity, but under the ids of later MovieLens sets: read as
ids of MovieLens-100K, they give a film the facts of another. `later_ids` mends
it, and `genre_agreement` tells a graph that fits the films from one that does
not.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref import assets
from recsys_ref.data.items import Items
from recsys_ref.data.movielens_ids import later_ids

NO_ENTITY = -1


@dataclass(frozen=True, eq=False)
class KnowledgeGraph:
    """Triples between E entities, some of which are items.

    Attributes:
        triples: head, relation, tail; one fact a row, as the source has them.
        entity_ids: E ids, all that occur in `triples` or as an item.
        item_entity: `int64[I]`, index of the entity that each item is,
            `NO_ENTITY` (-1) where it has none. Two items may be one entity:
            MovieLens-100K lists 18 films twice.

    Raises:
        KeyError: If a triple has an entity that is not in `entity_ids`.
    """

    triples: pd.DataFrame
    entity_ids: pd.Index
    item_entity: np.ndarray

    def __post_init__(self) -> None:
        ends = pd.concat([self.triples["head"], self.triples["tail"]])
        unknown = ends[~ends.isin(self.entity_ids)].unique().tolist()[:3]
        if unknown:
            raise KeyError(f"triples: not in entity_ids: {unknown}")
        item_entity = np.array(self.item_entity, dtype=np.int64)
        item_entity.flags.writeable = False
        object.__setattr__(self, "item_entity", item_entity)

    def __repr__(self) -> str:
        linked = int((self.item_entity != NO_ENTITY).sum())
        return (
            f"KnowledgeGraph({len(self.triples):,} triples, "
            f"{len(self.entity_ids):,} entities, "
            f"{linked:,} of {len(self.item_entity):,} items linked)"
        )

    def neighbours(self, relation: str) -> csr_array:
        """Say which entities each item is in a relation with.

        Args:
            relation: Such as "film.film.directed_by".

        Returns:
            `float64[I, E]`, 1 where item i is the head and entity e the
            tail; nothing for an item without an entity.

        Raises:
            KeyError: If no triple has the relation.
        """
        facts = self.triples[self.triples["relation"] == relation]
        if facts.empty:
            known = sorted(self.triples["relation"].unique())
            raise KeyError(f"relation: must be one of {known}, got {relation!r}")
        size = len(self.entity_ids)
        head = self.entity_ids.get_indexer(facts["head"])
        tail = self.entity_ids.get_indexer(facts["tail"])
        between = csr_array((np.ones(len(facts)), (head, tail)), shape=(size, size))
        between.data[:] = 1.0
        items = np.flatnonzero(self.item_entity != NO_ENTITY)
        chosen = csr_array(
            (np.ones(items.size), (items, self.item_entity[items])),
            shape=(len(self.item_entity), size),
        )
        return chosen @ between


def load_knowledge_graph(
    items: Items, folder: Path | None = None, *, mend: bool = True
) -> KnowledgeGraph:
    """Read the facts about the films of MovieLens-100K.

    Args:
        items: The films.
        folder: Holds one `.kg` and one `.link`. Default: the asset
            `movielens-100k`.
        mend: Whether to read the ids of `.link` as what they are, ids of
            later MovieLens sets. False reads them as they pretend to be.

    Raises:
        FileNotFoundError: If one of the files is missing.
        ValueError: If a file has other columns.

    References:
        Zhao et al. (2019), KB4Rec, https://doi.org/10.1162/dint_a_00008, made
        the links; book section 3.1 finds the fault.
    """
    folder = assets.fetch("movielens-100k") if folder is None else Path(folder)
    triples = _read(folder, ".kg", ["head", "relation", "tail"])
    link = _read(folder, ".link", ["item", "entity"])
    ends = [triples["head"], triples["tail"], link["entity"]]
    entity_ids = pd.Index(np.sort(pd.concat(ends).unique()))
    entity = pd.Series(entity_ids.get_indexer(link["entity"]), link["item"].astype(int))
    numbers = later_ids(items) if mend else items.ids
    return KnowledgeGraph(
        triples,
        entity_ids,
        entity.reindex(numbers, fill_value=NO_ENTITY).to_numpy(),
    )


def _read(folder: Path, suffix: str, columns: list[str]) -> pd.DataFrame:
    paths = list(folder.glob(f"*{suffix}"))
    if len(paths) != 1:
        raise FileNotFoundError(
            f"{folder}: must hold one file {suffix}, got {len(paths)}"
        )
    frame = pd.read_csv(paths[0], sep="\t", dtype=str)
    found = [name.split(":")[0].removesuffix("_id") for name in frame.columns]
    if found != columns:
        raise ValueError(
            f"{paths[0]}, line 1: must name {columns}, got {list(frame.columns)}"
        )
    return frame.set_axis(columns, axis=1)
