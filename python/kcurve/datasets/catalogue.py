"""The data sets known by name: where they are, and what may be done with their texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kcurve.errors import ArgumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A published data set.

    Attributes
    ----------
    name : str
        What `load` knows it by.
    title : str
        What its authors call it.
    hub : str
        Its name on the Hugging Face hub.
    config : str
        The configuration that is read if no subset is asked for.
    split : str
        The split that is read if none is asked for.
    format : str
        The layout of its rows.
    licence : str
        The licence that its publishers state, as an SPDX name, or "unknown".
    shippable : bool
        Whether its texts may be passed on with a project: under MIT or Apache-2.0 with attribution.
    source : str
        Where the authors publish it.
    citation : str
        The paper to cite.
    note : str
        What to mind.
    """

    name: str
    title: str
    hub: str
    config: str
    split: str
    format: str
    licence: str
    shippable: bool
    source: str
    citation: str
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the attributes by name."""
        return asdict(self)


_CATALOGUE = (
    Dataset(
        name="gsm8k",
        title="GSM8K",
        hub="openai/gsm8k",
        config="main",
        split="test",
        format="gsm8k",
        licence="MIT",
        shippable=True,
        source="https://github.com/openai/grade-school-math",
        citation="Cobbe et al. (2021), Training Verifiers to Solve Math Word Problems, arXiv:2110.14168",
        note="1,319 test questions.",
    ),
    Dataset(
        name="math500",
        title="MATH-500",
        hub="HuggingFaceH4/MATH-500",
        config="default",
        split="test",
        format="math500",
        licence="MIT",
        shippable=True,
        source="https://github.com/openai/prm800k",
        citation=(
            "Hendrycks et al. (2021), Measuring Mathematical Problem Solving With the MATH Dataset, "
            "arXiv:2103.03874; Lightman et al. (2023), Let's Verify Step by Step, arXiv:2305.20050"
        ),
        note=(
            "500 test problems. The licence is that of the repositories of MATH and PRM800K; the copy "
            "on the hub states none. Art of Problem Solving claims rights in problems of MATH, and had "
            "a copy of it taken off the hub in January 2025: quote few."
        ),
    ),
    Dataset(
        name="mmlu",
        title="MMLU",
        hub="cais/mmlu",
        config="all",
        split="test",
        format="mmlu",
        licence="MIT",
        shippable=True,
        source="https://github.com/hendrycks/test",
        citation=(
            "Hendrycks et al. (2021), Measuring Massive Multitask Language Understanding, "
            "arXiv:2009.03300"
        ),
        note=(
            "Subsets are subjects; 'physics' stands for the four that the authors file under physics. "
            "Choices such as 'both A and B' forbid shuffling."
        ),
    ),
    Dataset(
        name="gpqa",
        title="GPQA",
        hub="Idavidrein/gpqa",
        config="gpqa_diamond",
        split="train",
        format="gpqa",
        licence="CC-BY-4.0",
        shippable=False,
        source="https://github.com/idavidrein/gpqa",
        citation="Rein et al. (2023), GPQA: A Graduate-Level Google-Proof Q&A Benchmark, arXiv:2311.12022",
        note=(
            "Subsets diamond (198), main (448), extended (546). The authors ask that no question be "
            "shown in plain text online, and the hub asks you to accept that: pass on neither texts "
            "nor stores that hold them."
        ),
    ),
    Dataset(
        name="truthfulqa",
        title="TruthfulQA, MC1",
        hub="truthfulqa/truthful_qa",
        config="multiple_choice",
        split="validation",
        format="truthfulqa",
        licence="Apache-2.0",
        shippable=True,
        source="https://github.com/sylinrl/TruthfulQA",
        citation=(
            "Lin, Hilton and Evans (2022), TruthfulQA: Measuring How Models Mimic Human Falsehoods, "
            "arXiv:2109.07958"
        ),
        note="817 questions. The true choice stands first in the source, so choices are shuffled.",
    ),
    Dataset(
        name="averitec",
        title="AVeriTeC",
        hub="pminervini/averitec",
        config="default",
        split="dev",
        format="averitec",
        licence="CC-BY-NC-4.0",
        shippable=False,
        source="https://github.com/MichSchli/AVeriTeC",
        citation=(
            "Schlichtkrull, Guo and Vlachos (2023), AVeriTeC: A Dataset for Real-world Claim "
            "Verification with Evidence from the Web, arXiv:2305.13117"
        ),
        note=(
            "500 development claims; only claim and verdict are used, not the evidence. The copy on the "
            "hub states no licence; this one is the authors'."
        ),
    ),
)

_BY_NAME = {entry.name: entry for entry in _CATALOGUE}

PHYSICS = ("astronomy", "college_physics", "conceptual_physics", "high_school_physics")
"""The subjects that the authors of MMLU file under physics."""


def catalogue() -> tuple[Dataset, ...]:
    """Return the data sets that `load` knows by name, with their licences.

    Examples
    --------
    >>> [entry.name for entry in catalogue() if not entry.shippable]
    ['gpqa', 'averitec']
    """
    return _CATALOGUE


def entry(name: str) -> Dataset:
    """Return the data set of this name."""
    if name not in _BY_NAME:
        options = ", ".join(map(repr, _BY_NAME))
        raise ArgumentError(
            f"{name!r} is neither a file nor a data set known by name; known are {options}"
        )
    return _BY_NAME[name]
