"""A made-up audience whose truth is known, to try out online promises offline.

Everything in here is a simulation, and says so. Its people have tastes that we
planted, look at lists in a way that we chose and click by a rule that we wrote.
So it can tell whether a *method* finds what is there to be found; it cannot
tell what real people would do. Book section 6.
"""
