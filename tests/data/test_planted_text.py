"""Planted texts hold what they are said to hold, where they are said to."""

import re

import pytest

from recsys_ref.data.planted_text import planted_text, topic_query
from recsys_ref.data.synthetic import TOPIC_WORDS


def words(text):
    return re.findall("[a-z]+", text.lower())


@pytest.mark.parametrize("topic", range(len(TOPIC_WORDS)))
def test_a_text_has_words_of_its_topic_and_of_no_other(topic):
    for place in ("start", "middle", "end"):
        found = set(words(planted_text(topic, place=place, n_sentences=80, rng=topic)))
        for other, names in enumerate(TOPIC_WORDS):
            shared = found & set(names)
            assert len(shared) == (5 if other == topic else 0), (topic, other, shared)
    assert not found & set(words(topic_query(topic)))
    assert set(words(topic_query(topic))) < set(TOPIC_WORDS[topic])


@pytest.mark.parametrize(("place", "at"), [("start", 0), ("middle", 4), ("end", 9)])
def test_the_passage_stands_in_its_place(place, at):
    sentences = planted_text(3, place=place, n_sentences=10, rng=1).split(". ")
    assert [i for i, s in enumerate(sentences) if s.startswith("It is all")] == [at]
    assert len(sentences) == 10


def test_a_seed_gives_one_text():
    one, same, other = (
        planted_text(0, place="end", n_sentences=9, rng=seed) for seed in (5, 5, 6)
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("topic", "place", "n", "message"),
    [
        (12, "start", 9, "topic: must be below 12, got 12"),
        (-1, "start", 9, "topic: must be a whole number"),
        (0, "top", 9, "place: must be one of"),
        (0, "start", 2, "n_sentences: must be a whole number of at least 3, got 2"),
    ],
)
def test_bad_input_is_refused(topic, place, n, message):
    with pytest.raises(ValueError, match=message):
        planted_text(topic, place=place, n_sentences=n, rng=0)


def test_a_topic_that_is_not_there_has_no_query():
    with pytest.raises(ValueError, match="topic: must be below 12, got 12"):
        topic_query(12)
