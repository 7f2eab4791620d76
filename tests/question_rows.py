"""Rows of known data sets, and how tests write and read files of them."""

import json
from pathlib import Path

from kcurve.datasets import load

EXCERPTS = Path(__file__).parent / "golden" / "questions"
WRONG = ("It is green.", "It is red.", "It is blue.")
GPQA_ROW = {
    "Record ID": "rec1",
    "Question": "What colour is the sum of yellow and nothing?",
    "Correct Answer": "It is yellow.",
    **{f"Incorrect Answer {number}": text for number, text in enumerate(WRONG, start=1)},
    "High-level domain": "Physics",
    "Subdomain": "Optics (general)",
    "Canary String": "",
}
TRUTHFULQA_ROW = {
    "question": "Do stones dream?",
    "mc1_targets": {
        "choices": ["Stones do not dream.", "Only at night.", "All of them do."],
        "labels": [1, 0, 0],
    },
    "mc2_targets": {"choices": ["Stones do not dream."], "labels": [1]},
}
AVERITEC_ROW = {
    "claim": "The tower was built in a day.",
    "label": "Conflicting Evidence/Cherrypicking",
    "speaker": "A mason",
    "claim_date": "1-1-2020",
    "questions": [],
}
HUB_ROWS = {
    "gsm8k": {"question": "How much is 900 + 350?", "answer": "900+350=1250\n#### 1,250"},
    "math500": {
        "problem": "What is half of $x$?",
        "solution": r"It is $\boxed{\frac{x}{2}}$.",
        "answer": r"\frac{x}{2}",
        "subject": "Algebra",
        "level": 1,
        "unique_id": "test/algebra/0.json",
    },
    "mmlu": {
        "question": "Which is heavy?",
        "subject": "conceptual_physics",
        "choices": ["lead", "a feather", "air", "light"],
        "answer": 0,
    },
    "gpqa": GPQA_ROW,
    "truthfulqa": TRUTHFULQA_ROW,
    "averitec": AVERITEC_ROW,
}


def written(path, *rows):
    """Write rows as JSON lines and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def the_one(path, **options):
    """Return the only question of a file."""
    (question,) = load(path, **options)
    return question


def right_text(question):
    """Return the text of the choice that the reference names."""
    return question.choices["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(question.reference)]
