"""How good is R? Metrics per user first, then means, intervals and tuning."""
