"""R: what is recommended to whom. One strategy a module, one shared base.

Book section 3.4.
"""
