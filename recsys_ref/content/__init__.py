"""V = LLM(Y): items as vectors, made from what they are. Book section 3.3."""
