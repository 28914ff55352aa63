"""A course that grades itself: assignments, their versions, grades, feedback.

`make assignments` and `make grade` call `commands`, the door to this room. `versions`,
`restore`, `sandbox`, `driver`, `grade`, `feedback` and `classroom` are what they pass
through, in this order. A notebook of an assignment needs two modules: `student`, who
works on it, and the one that has the assignment's name and draws his data.

Book section 11.
"""
