"""The prompts that are used unless others are given, in words of our own; made to be edited."""

from kcurve.prompts import Template

STEP_BY_STEP_CHOICES = Template(
    """\
Below is a question with several options, each marked by a letter in parentheses. Work towards the answer step \
by step: say what is asked, consider what speaks for and against the options, and only then decide for one. Close \
with one sentence of the form "the answer is (X)", where X is the letter of your option.

{{question}}"""
)
"""A generator for questions with choices; read its answers by ``ChoiceLetter()`` or ``AnswerIs()``."""

STEP_BY_STEP = Template(
    """\
Answer the question below. Work towards the answer step by step, and close with one sentence of the form "the \
answer is (X)", where X is your answer and nothing else.

{{question}}"""
)
"""A generator for questions without choices; read its answers by ``AnswerIs()``."""

PARAGRAPH_BY_PARAGRAPH = Template(
    """\
Answer the question below. Work towards the answer in small steps, each a paragraph of its own with an empty line \
after it and none within it. Close with one sentence of the form "the answer is (X)", where X is your answer and \
nothing else.

{{question}}"""
)
"""A generator of steps for questions with or without choices; its steps end with an empty line."""

REVIEW = Template(
    """\
A question and a response to it follow. Your task is to judge whether the response arrives at the right answer.

Question:
{{question}}

Response:
{{response}}

Review the response critically. Go through it step by step, check every claim and every calculation, and name each \
problem you find. Then give your verdict on the answer as the last thing you write: [[correct]] if it is right, \
[[wrong]] if it is not."""
)
"""A verifier that reviews a whole response in one call; its verdict is read by ``Contains("[correct]")``."""

REVIEW_STEP = Template(
    """\
A question follows, and the beginning of a response to it. Your task is to judge the last step of that beginning, \
in the light of everything before it.

Question:
{{question}}

Steps before:
{{previous}}

Step to judge:
{{step}}

Check this one step: does it follow from the question and the steps before, and is it free of mistakes? Reason \
briefly, then give your verdict as the last thing you write: [[correct]] if the step is sound, [[wrong]] if it \
is not."""
)
"""A verifier that reviews a response step by step; its verdicts are read by ``Contains("[correct]")``."""

NO_STEPS_BEFORE = "(none: this is the first step)"
"""What stands for the steps before the first one."""
