"""Language models. They know texts and tokens, and no recommender."""
