"""Item vectors: a language model reads what each item is.

Book section 3.3.
"""

import numpy as np

from recsys_ref.content.text import text_report
from recsys_ref.data.items import TEMPLATE, Items
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import TextModel


def embed_items(
    model: TextModel, items: Items, *, template: str = TEMPLATE, **encode_options
) -> np.ndarray:
    """Compute V = LLM(Y).

    Args:
        model: What reads the texts, as from `lm.pretrained.load_encoder`.
        items: Y.
        template: How an item becomes a text, see `Items.text`.
        encode_options: Passed on to `lm.encode.encode`: pooling, layer, unit
            and others. It keeps what it computed in a cache on disk, so the
            same call costs next to nothing a second time.

    Returns:
        `float32[I, D]`, finite, in the order of `items`.

    Raises:
        KeyError: If the template has a field that items have not.
        ValueError: If an item's text is empty, or as `encode`: text longer
            than the model's context, a vector that is not finite, and others.
    """
    texts = items.text(template).tolist()
    empty = text_report(texts).empty
    if empty.size:
        raise ValueError(
            f"template: {template!r} leaves {empty.size} items without a text, "
            f"such as {items.ids[empty[:3]].tolist()}"
        )
    return encode(model, texts, **encode_options)
