"""The article's own code, as printed, for chapters that put it to the test.

Book section 5.2.
"""

from importlib.resources import files


def gpt2_listing() -> str:
    r"""Return the listing of the article's section 5.2, faults and all.

    Examples:
        >>> lines = gpt2_listing().splitlines()
        >>> len(lines), lines[0]
        (42, 'import tensorflow as tf')
        >>> [number for number, line in enumerate(lines, 1) if "\\[" in line]
        [23, 27]
    """
    return (files("recsys_ref") / "article_listing.txt").read_text(encoding="utf-8")
