"""What a recommender gives away of its users, and what can be done about it.

Attacks (`membership`, `inversion`, `disclosure`) measure; noise (`differential`,
`private_models`), deletion (`deletion`) and coarser words (`pseudonym`) protect.

Book section 8.1.
"""
