"""Music, simulated: what the file says is what the code gives."""

import music as script
import pytest

from recsys_ref import results


@pytest.fixture(scope="module")
def table():
    return results.load("music")


@pytest.fixture(scope="module")
def audience(encoder):
    return script.audience(1, encoder)


@pytest.mark.parametrize(
    ("task", "method"),
    [
        ("next session", "relistening"),
        ("next session", "EASE"),
        ("new tracks", "all three"),
        ("continuation", "session kNN"),
    ],
)
def test_a_seed_is_measured_anew(table, audience, task, method):
    heard, chosen = audience.heard, table["chosen"][task]
    if task == "continuation":
        given = script.continuation(heard, back=0)
        model = script.session_methods(audience, chosen)[method]
    else:
        given = script.next_session(heard, back=0, new=task == "new tracks")
        model = script.user_methods(audience, chosen)[method]
    mean = given.measure(model, 1).means()["ndcg@10"]
    stored = table["tasks"][task][method]["seeds"]["1"]["ndcg@10"]
    assert mean == pytest.approx(stored, abs=2e-3)


def test_a_playlist_is_measured_anew(table, audience):
    lists = script.playlists(audience, 1)
    held = script.np.arange(lists[0].n_users) % 4 == 0
    weights = table["chosen"]["playlist"]["blend"]
    runs = script.playlist_runs(audience, 1, held, lists, weights)
    for known, methods in runs.items():
        for name, run in methods.items():
            stored = table["tasks"][f"playlist, {known} known"][name]["seeds"]["1"]
            mean = run.means()["ndcg@10"]
            assert mean == pytest.approx(stored["ndcg@10"], abs=5e-3), name


def test_chosen_is_the_best_that_was_tried(table):
    for found in table["search"].values():
        for record in found.values():
            best = max(record["means"])
            assert record["means"].count(best) >= 1
            size = 1
            for values in record["space"].values():
                size *= len(values)
            assert len(record["means"]) == size


def test_no_name_shares_a_word_with_a_track(audience):
    words = {word for title in audience.world.titles for word in title.split()}
    assert not words & {word for name in script.NAMES for word in name.split()}


def test_nothing_to_be_found_was_learned_from(audience):
    for back in (0, 1):
        given = script.continuation(audience.heard, back)
        assert set(given.known.user_ids) >= set(given.relevant.user_ids)
        assert not set(given.train.user_ids) & set(given.relevant.user_ids)


def test_the_best_radio_is_the_longest(table):
    heard = {name: row["tracks"] for name, row in table["radio"].items()}
    assert max(heard, key=heard.get) == "the best there is"
    assert min(heard, key=heard.get) == "at random"
