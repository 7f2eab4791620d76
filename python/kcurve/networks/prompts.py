"""The prompts of critics, rewriters and judges unless others are given, in words of our own."""

from kcurve.prompts import Template

CRITIC = Template(
    """\
Here is a question, and an answer that somebody worked out.

Question:
{{question}}

Answer:
{{response}}

Go through the answer step by step and look for mistakes: facts that are wrong, steps that do not follow, parts of \
the question that were overlooked. List what you find, the most serious first, and say for each how to put it right. \
If you find nothing, say that the answer stands."""
)
"""What an enhancer asks first: what is wrong with a candidate."""

REWRITER = Template(
    """\
Here is a question, an answer to it, and a review of that answer.

Question:
{{question}}

Answer:
{{response}}

Review:
{{critique}}

Write the answer anew. Follow the review where it is right, ignore it where it is mistaken. Work step by step, and \
state the final answer at the end in the same form as the answer above does."""
)
"""What an enhancer asks next: the candidate in view of what was found."""

REVISER = Template(
    """\
Here is a question, and an answer that somebody worked out.

Question:
{{question}}

Answer:
{{response}}

Check the answer step by step, and write it anew, free of the mistakes that you find. Work step by step yourself, and \
state the final answer at the end in the same form as the answer above does."""
)
"""What an enhancer without a critic asks."""

LIST_JUDGE = Template(
    """\
Here is a question, and several answers to it, each with its id.

Question:
{{question}}

{{candidates}}

Which of these is the most likely to be right? Compare their reasoning step by step. Close with the line "best answer \
id is N", where N is the id of the best answer."""
)
"""What a selector asks about all candidates at once; ids count from 0."""

PAIR_JUDGE = Template(
    """\
Here is a question, and two answers to it.

Question:
{{question}}

Answer 0:
{{first}}

Answer 1:
{{second}}

Which of the two is more likely to be right? Compare their reasoning step by step. Close with the line "best answer \
id is N", where N is 0 or 1."""
)
"""What a selector asks about two candidates."""
