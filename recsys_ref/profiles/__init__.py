"""U = LLM(X): users as vectors or texts, made from what they did. Book section 3.2."""
