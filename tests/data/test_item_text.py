"""Titles in the order they are spoken."""

import pytest

from recsys_ref.data.item_text import natural_title


@pytest.mark.parametrize(
    ("inverted", "natural"),
    [
        ("Postino, Il", "Il Postino"),
        ("Enfer, L'", "L'Enfer"),
        ("Hate (Haine, La)", "Hate (La Haine)"),
        ("Vie est belle, La (Life is Rosey)", "La Vie est belle (Life is Rosey)"),
        ("Bye Bye, Love", "Bye Bye, Love"),
        ("Truth or Consequences, N.M.", "Truth or Consequences, N.M."),
        ("Another Man, Theodore", "Another Man, Theodore"),
        ("", ""),
    ],
)
def test_articles_go_back_in_front(inverted, natural):
    assert natural_title(inverted) == natural
