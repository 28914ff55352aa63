"""The article's listing is kept as printed."""

import ast

import pytest

from recsys_ref.article import gpt2_listing


def test_the_listing_fails_to_parse_where_the_article_prints_a_backslash():
    with pytest.raises(SyntaxError) as caught:
        compile(gpt2_listing(), "listing", "exec")
    assert caught.value.lineno == 23
    assert "\\[" in gpt2_listing().splitlines()[22]


def test_without_its_backslashes_the_listing_is_python():
    listing = gpt2_listing()
    assert listing.count("\\") == 4
    tree = ast.parse(listing.replace("\\", ""))
    assert [type(node).__name__ for node in tree.body[:4]] == ["Import"] * 4
    assert ast.unparse(tree.body[-1]) == "print(user_recommendations)"


def test_the_listing_keeps_the_chinese_of_the_article():
    assert "['科技', '娱乐', '生活']" in gpt2_listing()
    assert gpt2_listing().count("\n# ") == 8
