"""Questions, and where to get them: local files, and the Hugging Face hub."""

from kcurve.datasets.catalogue import Dataset, catalogue
from kcurve.datasets.load import load
from kcurve.datasets.question import Question
from kcurve.datasets.questions import Questions

__all__ = ["Dataset", "Question", "Questions", "catalogue", "load"]
