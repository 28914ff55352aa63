"""Language models. They know texts and tokens, and no recommender. Book section 5.1."""

import warnings

from tqdm import TqdmWarning

with warnings.catch_warnings():
    # transformers asks for tqdm's notebook bars, and in a notebook without
    # ipywidgets that would warn on stderr. Nothing here draws one.
    warnings.simplefilter("ignore", TqdmWarning)
    import tqdm.auto  # noqa: F401
