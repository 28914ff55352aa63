"""V = LLM(Y): items as vectors, made from what they are. Book section 3.3."""

import recsys_ref.lm  # noqa: F401  # first: it keeps transformers from warning
