"""How good is R? Metrics per user first, then means, intervals and tuning.

Book section 3.5.
"""
