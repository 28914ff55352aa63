"""Item vectors by a real encoder, against a plain loop over its tokens."""

import numpy as np
import pytest
import torch

from recsys_ref.content.embed import embed_items
from recsys_ref.content.neighbours import nearest
from recsys_ref.data.items import Items


@pytest.fixture
def films():
    return Items(
        ids=[1, 2, 3, 4],
        title=["Rocket to the Moon", "Wedding Day", "Mars Mission", "The Bride"],
        year=[1995, np.nan, 1979, 1991],
        genres=[[True, False], [False, True], [True, False], [False, False]],
        genre_names=("Sci-Fi", "Romance"),
    )


def loop_embed(encoder, texts):
    """One text at a time: the mean of its tokens, brought to length 1."""
    vectors = []
    for text in texts:
        tokens = encoder.tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            hidden = encoder.model(**tokens).last_hidden_state[0]
        mean = hidden.mean(dim=0).numpy()
        vectors.append(mean / np.linalg.norm(mean))
    return np.array(vectors)


@pytest.mark.parametrize("template", ["{title}", "{genres}: {title}, {year}"])
def test_vectors_are_those_of_the_items_texts_in_their_order(encoder, films, template):
    ours = embed_items(encoder, films, template=template)
    assert ours.dtype == np.float32
    expected = loop_embed(encoder, films.text(template).tolist())
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    backwards = embed_items(
        encoder, films.select(np.array([3, 2, 1, 0])), template=template
    )
    np.testing.assert_allclose(backwards[::-1], ours, atol=1e-5)


def test_options_reach_the_encoder(encoder, films):
    mean = embed_items(encoder, films, unit=False)
    first = embed_items(encoder, films, unit=False, pooling="cls")
    assert np.abs(mean - first).max() > 0.01
    with pytest.raises(ValueError, match="pooling"):
        embed_items(encoder, films, pooling="median")


def test_what_is_alike_in_meaning_is_near(encoder, films):
    vectors = embed_items(encoder, films, template="{title}")
    assert nearest(vectors, 0, k=1)["item"].tolist() == [2]
    assert nearest(vectors, 1, k=1)["item"].tolist() == [3]


def test_items_without_a_text_are_named(encoder, films):
    message = r"template: '\[{genres}\]' leaves 1 items without a text, such as \[4\]"
    with pytest.raises(ValueError, match=message):
        embed_items(encoder, films, template="[{genres}]")


def test_no_items_give_no_vectors(encoder, films):
    none = films.select(np.array([], dtype=int))
    assert embed_items(encoder, none).shape == (0, 384)
