"""Why this item? Reasons from the model, from texts and in words. Book section 8.2."""
