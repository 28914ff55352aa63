"""Reference package of *Large Language Models for Recommender Systems*.

The article's symbols are its rooms. `data` holds X (behaviour) and Y
(content), `strategies` holds R (what is recommended to whom), `evaluation`
measures R. Each chapter of the book imports from here what it has derived by
hand.
"""

__version__ = "0.1.0"
