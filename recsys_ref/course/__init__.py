"""A course that grades itself: assignments, their versions, grades, feedback.

`make assignments` and `make grade` are the doors to this room. A notebook of an
assignment needs `recsys_ref.course.student` alone: who works on it, and which
numbers are drawn for him.

Book section 11.
"""
