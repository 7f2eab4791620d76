"""The tables of the papers as data, and what can be recomputed of them."""
