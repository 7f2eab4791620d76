"""Prompts for judges, in words of our own; made to be edited."""

from kcurve.prompts import Template

JUDGE_RESPONSE = Template(
    """\
A question and a response to it follow. Your task is to grade the response.

Question:
{{question}}

Response:
{{response}}

Work through the response: check each claim and each calculation, and whether its final answer is what the question \
asks for. Then grade it with a whole number from 0 to 10: 10 if the answer is certainly right, 5 if it may as well be \
right as wrong, 0 if it is certainly wrong. The grade alone is the last line you write."""
)
"""An outcome reward; read by ``NumberScore(0, 10)``."""

JUDGE_STEP = Template(
    """\
A question follows, and the beginning of a response to it. Your task is to grade the last step of that beginning, \
in the light of everything before it.

Question:
{{question}}

Steps before:
{{previous}}

Step to grade:
{{step}}

Check whether the step is free of mistakes, follows from what comes before it, and leads towards the answer. Then grade \
it with a whole number from 0 to 10: 10 if it certainly does, 5 if you cannot tell, 0 if it is certainly wrong or leads \
nowhere. The grade alone is the last line you write."""
)
"""A process reward; read by ``NumberScore(0, 10)``."""

NO_STEPS_BEFORE = "(none: this is the first step)"
"""What stands for the steps before the first one."""
