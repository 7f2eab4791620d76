"""Slow, exact, readable definitions that the fast code is held against.

Nothing here imports kcurve and nothing here knows a fast formula: a rule is a function from the samples
drawn to a score, and its value is the average of that score over every possible draw, in exact fractions.

============================ ==============================================================================
samples.py                   one logged sample, and the collection of them a question has
draws.py                     every multiset (or sequence) of k samples with its probability
vote.py filter_vote.py       the score of one draw, straight from each rule's definition
weighted_vote.py best_of_n.py
passing.py
rules.py                     a rule = which samples may be drawn, how many, and the score of a draw
expectation.py               average over draws; delete-one jackknife by deleting
generating_function.py       exact plurality for hundreds of samples, by integer polynomials
convolution.py               the same in extended precision, for thousands
rebase.py                    REBASE's shares of a budget, by intervals of decimals
search.py tree_search.py     searches node by node, pure and as a live strategy drives them
step_world.py                the simulated world, and searches in it
============================ ==============================================================================
"""
