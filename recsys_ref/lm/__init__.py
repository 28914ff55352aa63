"""Language models. They know texts and tokens, and no recommender. Book section 5.1."""
