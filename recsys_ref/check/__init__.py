"""Tell a reader whether an answer to an exercise is right, with hints, not solutions.

One module a chapter, named as the chapter's file is without its number; one
function an exercise, named as the exercise's label is without its chapter:
`check.evaluation.order(...)` looks at the answer to `ex-ch35-order`. What is
right is computed by the package when you ask, from the same data as in the
chapter; no answer is stored. `recsys_ref.check.verdict` holds the comparisons.

Book section 11 says how to use it; the exercises end chapters 1 to 9.
"""
