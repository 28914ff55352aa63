"""X and Y: behaviour, content and social data, cleaned and split. Book section 3.1."""
