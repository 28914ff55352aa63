"""The links of the asset: wrong as they stand, right once mended."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.graph_check import genre_agreement
from recsys_ref.data.items import Items
from recsys_ref.data.knowledge_graph import KnowledgeGraph, load_knowledge_graph

DIRECTOR, GENRE = "film.film.directed_by", "film.film.genre"


@pytest.fixture(scope="module")
def mended(movielens):
    return load_knowledge_graph(movielens.items)


@pytest.fixture(scope="module")
def as_it_stands(movielens):
    return load_knowledge_graph(movielens.items, mend=False)


@pytest.fixture
def small():
    """Films 0 and 1 share a director, film 2 has another, film 3 no entity."""
    facts = [("a", "by", "x"), ("b", "by", "x"), ("c", "by", "y"), ("x", "made", "a")]
    return KnowledgeGraph(
        pd.DataFrame(facts, columns=["head", "relation", "tail"]),
        pd.Index(["a", "b", "c", "x", "y"]),
        [0, 1, 2, -1],
    )


def films(genres):
    n = len(genres)
    return Items(range(n), ["film"] * n, [1990] * n, genres, ("g", "h"))


def test_neighbours_follow_the_relation_from_the_item(small):
    assert small.neighbours("by").toarray().tolist() == [
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
    ]
    assert small.neighbours("made").nnz == 0
    with pytest.raises(KeyError, match=r"must be one of \['by', 'made'\], got 'from'"):
        small.neighbours("from")


def test_agreement_is_the_mean_jaccard_of_pairs_and_shuffles_know_all_pairs(small):
    items = films([[1, 1], [1, 0], [0, 1], [0, 0]])
    agreement, shuffled = genre_agreement(small, items, "by", permutations=500)
    assert agreement == 1 / 2  # the one pair: {g, h} and {g}
    assert set(shuffled) == {0, 1 / 2}
    assert np.mean(shuffled == 0) == pytest.approx(1 / 3, abs=0.08)


def test_a_film_listed_twice_is_no_pair(small):
    twice = KnowledgeGraph(small.triples, small.entity_ids, [0, 0, 2, -1])
    agreement, shuffled = genre_agreement(twice, films([[1, 1]] * 4), "by")
    assert np.isnan(agreement)
    assert np.isnan(shuffled).all()


def test_a_triple_of_unknown_entities_is_refused(small):
    with pytest.raises(KeyError, match=r"not in entity_ids: \['y'\]"):
        KnowledgeGraph(small.triples, small.entity_ids[:4], [0])


@pytest.mark.parametrize("relation", [DIRECTOR, GENRE, "film.film.written_by"])
def test_as_they_stand_the_links_agree_with_the_films_no_better_than_chance(
    movielens, as_it_stands, relation
):
    agreement, shuffled = genre_agreement(
        as_it_stands, movielens.items, relation, permutations=100
    )
    p = (1 + (shuffled >= agreement).sum()) / (1 + shuffled.size)
    assert p > 0.05
    assert abs(agreement - shuffled.mean()) < 3 * shuffled.std()


@pytest.mark.parametrize(
    ("relation", "times"), [(DIRECTOR, 2), (GENRE, 1.5), ("film.film.written_by", 2)]
)
def test_mended_links_agree_far_beyond_chance(movielens, mended, relation, times):
    agreement, shuffled = genre_agreement(
        mended, movielens.items, relation, permutations=100
    )
    assert agreement > times * shuffled.mean()
    assert agreement > shuffled.mean() + 10 * shuffled.std()


def held_out_correlation(graph, items):
    """Learn on half the films which entity a genre is; correlate on the others."""
    linked = np.flatnonzero(graph.item_entity >= 0)
    entities = graph.neighbours(GENRE)[linked]
    entities = entities[:, np.flatnonzero(entities.sum(axis=0) >= 20)].toarray()
    genres = items.genres[linked].astype(float)
    train = np.random.default_rng(0).random(linked.size) < 0.5

    def correlation(part):
        both = np.hstack([genres[part], entities[part]])
        with np.errstate(invalid="ignore", divide="ignore"):
            matrix = np.corrcoef(both, rowvar=False)
        return np.nan_to_num(matrix[: genres.shape[1], genres.shape[1] :])

    chosen = correlation(train).argmax(axis=1)
    return correlation(~train)[np.arange(len(chosen)), chosen]


def test_genres_of_the_graph_predict_those_of_unseen_films_once_mended(
    movielens, mended, as_it_stands
):
    assert held_out_correlation(mended, movielens.items).mean() > 0.5
    assert abs(held_out_correlation(as_it_stands, movielens.items).mean()) < 0.05


def test_the_swan_princess_is_no_longer_titanic(movielens, mended, as_it_stands):
    items = movielens.items
    swan = mended.entity_ids.get_loc("m.0b8l01")
    assert items.title[as_it_stands.item_entity == swan].tolist() == ["Titanic"]
    assert items.title[mended.item_entity == swan].tolist() == ["Swan Princess, The"]
    assert (mended.item_entity >= 0).sum() == 1325


def test_missing_or_odd_files_are_named(movielens, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must hold one file \.kg, got 0"):
        load_knowledge_graph(movielens.items, tmp_path)
    (tmp_path / "x.kg").write_text("head_id:token\ttail_id:token\n")
    with pytest.raises(ValueError, match=r"x.kg, line 1: must name \['head', 'relat"):
        load_knowledge_graph(movielens.items, tmp_path)
