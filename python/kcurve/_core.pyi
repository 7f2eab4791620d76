from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypeAlias, TypedDict, final, type_check_only

import numpy as np
from numpy.typing import NDArray

from kcurve.errors import KcurveError

__all__ = [
    "BLOCK",
    "CREDIT_UNIT",
    "ExactRequest",
    "ForecastRequest",
    "LogStream",
    "Population",
    "QuestionError",
    "ReplayRequest",
    "ScanRequest",
    "Search",
    "TableStream",
    "World",
    "__version__",
    "allocation",
    "answer_classes",
    "best_of_n",
    "betainc",
    "betaincinv",
    "betaln",
    "binary_vote",
    "binary_vote_increment",
    "close_numbers",
    "encode_codes",
    "encode_columns",
    "encode_file",
    "encode_table",
    "exact_numbers",
    "exponential_means",
    "exponential_values",
    "extract_answer",
    "extract_answers",
    "filter_vote",
    "filter_vote_accuracy",
    "fit_beta_binomial",
    "fit_bilevel_counts",
    "fit_bilevel_curves",
    "fit_exponential",
    "fit_mixing",
    "g_pass_at_k",
    "identities",
    "list_texts",
    "mean_at_k",
    "merge_parts",
    "normalised_answers",
    "parquet_layout",
    "pass_at_k",
    "pass_hat_k",
    "rebase_widths",
    "replay_stopping",
    "resampled_kinds",
    "resampled_means",
    "resampled_questions",
    "scan_files",
    "scan_part",
    "stopping_verdicts",
    "vote",
    "vote_accuracy",
    "weighted_vote",
    "write_parquet",
]

__version__: str
CREDIT_UNIT: int
BLOCK: int

# --- logs -------------------------------------------------------------------------------------

_Strings: TypeAlias = tuple[NDArray[np.int64], NDArray[np.uint8]]
_Categorical: TypeAlias = tuple[NDArray[np.int32], _Strings]
_Names: TypeAlias = Mapping[str, tuple[str, bool] | None]
_Duplicates: TypeAlias = Literal["error", "first", "last"]
_Progress: TypeAlias = Callable[[int], object]

@type_check_only
class EncodedLog(TypedDict):
    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    correct: NDArray[np.bool_]
    sample: NDArray[np.int64]
    question: _Strings
    answers: _Strings
    answer_offsets: NDArray[np.int64]
    reference: tuple[_Strings, NDArray[np.bool_]] | None
    model: _Categorical
    dataset: _Categorical
    cluster: _Categorical | None
    score: NDArray[np.float64] | None
    keep: NDArray[np.bool_] | None
    step_scores: tuple[NDArray[np.int64], NDArray[np.float64]] | None
    tokens_in: NDArray[np.float64] | None
    tokens_out: NDArray[np.float64] | None
    cost: NDArray[np.float64] | None
    latency: NDArray[np.float64] | None
    status: NDArray[np.uint8] | None

def encode_file(
    path: str | PathLike[str],
    names: _Names,
    duplicates: _Duplicates,
    progress: _Progress | None = None,
) -> EncodedLog: ...
def encode_table(
    table: object,
    names: _Names,
    duplicates: _Duplicates,
    progress: _Progress | None = None,
) -> EncodedLog: ...
def encode_columns(
    table: Sequence[tuple[str, object, NDArray[np.bool_] | None]],
    names: _Names,
    duplicates: _Duplicates,
    progress: _Progress | None = None,
) -> EncodedLog: ...
def encode_codes(
    offsets: NDArray[np.int64], codes: NDArray[np.int32] | NDArray[np.int64]
) -> tuple[NDArray[np.int32], _Strings, NDArray[np.int64]]: ...
def write_parquet(
    path: str | PathLike[str], log: EncodedLog, progress: _Progress | None = None
) -> None: ...

# Files with the row groups that are meant; all of them where there is no list.
_Parts: TypeAlias = Sequence[tuple[str | PathLike[str], Sequence[int] | None]]

@type_check_only
class TalliedLog(TypedDict):
    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    correct: NDArray[np.bool_]
    count: NDArray[np.int64]
    keep: NDArray[np.bool_] | None
    score: NDArray[np.float64] | None
    question: _Strings
    model: _Categorical
    dataset: _Categorical
    cluster: _Categorical | None

@final
class ScanRequest:
    def __new__(
        cls,
        *,
        names: _Names,
        memory: int,
        spill: str | PathLike[str],
        threads: int | None,
        progress: _Progress | None,
    ) -> ScanRequest: ...

def scan_files(parts: _Parts, request: ScanRequest) -> TalliedLog: ...
def scan_part(parts: _Parts, buckets: int, request: ScanRequest) -> list[bytes]: ...
def merge_parts(parts: Sequence[bytes]) -> TalliedLog: ...
def parquet_layout(paths: Sequence[str | PathLike[str]]) -> list[list[int]]: ...

@final
class LogStream:
    def __new__(cls, log: EncodedLog) -> LogStream: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

# --- curves -----------------------------------------------------------------------------------

_Ties: TypeAlias = Literal["split", "first", "wrong"]
_NoAnswer: TypeAlias = Literal["ignore", "vote"]

class QuestionError(KcurveError): ...

@final
class ExactRequest:
    def __new__(
        cls,
        *,
        k: NDArray[np.int64],
        replacement: bool,
        jackknife: bool,
        threads: int | None,
        progress: _Progress | None,
    ) -> ExactRequest: ...

@final
class ReplayRequest:
    def __new__(
        cls,
        *,
        k: NDArray[np.int64],
        replacement: bool,
        seed: int,
        first: int,
        last: int,
        questions: NDArray[np.uint64],
        units: NDArray[np.uint64],
        threads: int | None,
        progress: _Progress | None,
    ) -> ReplayRequest: ...

def identities(
    columns: Sequence[tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]],
) -> NDArray[np.uint64]: ...
def resampled_questions(
    credit: NDArray[np.uint64],
    questions: NDArray[np.uint64],
    identities: NDArray[np.uint64],
    seed: int,
    replicates: int,
    threads: int | None,
) -> tuple[
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint64],
]: ...
def allocation(
    values: NDArray[np.float64],
    costs: NDArray[np.float64],
    start: NDArray[np.float64] | None,
    budget: float,
    threads: int | None,
) -> tuple[NDArray[np.int64], float, float, float, float, NDArray[np.float64]]: ...
def stopping_verdicts(
    named: tuple[str, Sequence[float]], codes: NDArray[np.int64]
) -> NDArray[np.bool_]: ...
def replay_stopping(
    offsets: NDArray[np.int64],
    codes: NDArray[np.int32],
    correct: NDArray[np.bool_],
    cost: NDArray[np.float64] | None,
    named: tuple[str, Sequence[float]],
    ranking: tuple[NDArray[np.uint64], int, int] | None,
    identities: NDArray[np.uint64],
    *,
    seed: int,
    orders: int,
    most: int,
    ties: Literal["split", "first", "wrong"],
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> tuple[
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint64] | None,
    NDArray[np.float64] | None,
    NDArray[np.uint64],
]: ...
def weighted_vote(
    offsets: NDArray[np.int64],
    codes: NDArray[np.int32],
    correct: NDArray[np.bool_],
    score: NDArray[np.float64],
    claim: Literal["sum", "mean", "borda"],
    power: float,
    temperature: float | None,
    top: tuple[int, int],
    ties: _Ties,
    no_answer: _NoAnswer,
    request: ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def vote(
    offsets: NDArray[np.int64],
    codes: NDArray[np.int32],
    correct: NDArray[np.bool_],
    ties: _Ties,
    no_answer: _NoAnswer,
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def filter_vote(
    offsets: NDArray[np.int64],
    codes: NDArray[np.int32],
    correct: NDArray[np.bool_],
    keep: NDArray[np.bool_],
    ties: _Ties,
    no_answer: _NoAnswer,
    calls_per_candidate: int,
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def best_of_n(
    offsets: NDArray[np.int64],
    score: NDArray[np.float64],
    correct: NDArray[np.bool_],
    ties: _Ties,
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def pass_at_k(
    offsets: NDArray[np.int64],
    correct: NDArray[np.bool_],
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def pass_hat_k(
    offsets: NDArray[np.int64],
    correct: NDArray[np.bool_],
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def mean_at_k(
    offsets: NDArray[np.int64],
    correct: NDArray[np.bool_],
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...
def g_pass_at_k(
    offsets: NDArray[np.int64],
    correct: NDArray[np.bool_],
    tau: tuple[int, int],
    request: ExactRequest | ReplayRequest,
    count: NDArray[np.int64] | None = None,
) -> object: ...

# --- posterior --------------------------------------------------------------------------------

# Mean [K], covariance [K, K], and by question mean and mean square [Q, K].
_Forecast: TypeAlias = tuple[
    NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]
]

@final
class ForecastRequest:
    def __new__(
        cls,
        *,
        k: NDArray[np.int64],
        draws: tuple[int, int],
        joint: bool,
        threads: int | None,
        progress: _Progress | None,
    ) -> ForecastRequest: ...

_Limits: TypeAlias = tuple[int, int | None, int | None]

@final
class Search:
    @staticmethod
    def rebase(
        width: int, temperature: float, rounding: str, keep: tuple[int, int], limits: _Limits
    ) -> Search: ...
    @staticmethod
    def beam(width: int, branching: int, separate: bool, limits: _Limits) -> Search: ...
    @staticmethod
    def mcts(
        expansions: int, root_children: int, children: int, exploration: float, limits: _Limits
    ) -> Search: ...
    @staticmethod
    def load(saved: bytes) -> Search: ...
    def save(self) -> bytes: ...
    def settings(self) -> tuple[str, dict[str, object]]: ...
    def ask(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]: ...
    def tell(
        self,
        rewards: NDArray[np.float64],
        tokens: NDArray[np.uint32],
        statuses: NDArray[np.uint8],
    ) -> None: ...
    @property
    def done(self) -> bool: ...
    @property
    def remaining(self) -> int: ...
    def __len__(self) -> int: ...
    def columns(self) -> dict[str, NDArray[Any]]: ...
    def solutions(self) -> NDArray[np.int64]: ...
    def path(self, node: int) -> NDArray[np.int64]: ...
    def scores(self, nodes: NDArray[np.int64], aggregation: str) -> NDArray[np.float64]: ...

@final
class World:
    def __new__(
        cls,
        steps: int,
        recovery: float,
        mistakes: list[float],
        tokens: float,
        tokens_spread: float,
        shift: float,
    ) -> World: ...
    def searched(
        self,
        accuracies: NDArray[np.float64],
        search: Search,
        aggregation: str,
        runs: int,
        seed: int,
        threads: int | None,
        progress: Callable[[int], object] | None,
    ) -> dict[str, NDArray[Any]]: ...

@final
class Population:
    @staticmethod
    def of_answers(
        offsets: NDArray[np.int64],
        codes: NDArray[np.int32],
        correct: NDArray[np.bool_],
        keep: NDArray[np.bool_] | None,
        no_answer: _NoAnswer,
        identities: NDArray[np.uint64],
        *,
        seed: int,
        threads: int | None,
        count: NDArray[np.int64] | None = None,
    ) -> Population: ...
    @staticmethod
    def of_outcomes(
        offsets: NDArray[np.int64],
        correct: NDArray[np.bool_],
        identities: NDArray[np.uint64],
        *,
        seed: int,
        threads: int | None,
        count: NDArray[np.int64] | None = None,
    ) -> Population: ...
    def components(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def answer_draws(self, question: int, draws: int) -> NDArray[np.float64]: ...
    def unseen_mass(self) -> NDArray[np.float64]: ...
    def vote(self, ties: _Ties, request: ForecastRequest) -> _Forecast: ...
    def filter_vote(
        self, ties: _Ties, calls_per_candidate: int, request: ForecastRequest
    ) -> _Forecast: ...
    def best_of_n(
        self,
        offsets: NDArray[np.int64],
        score: NDArray[np.float64],
        correct: NDArray[np.bool_],
        ties: _Ties,
        request: ForecastRequest,
        count: NDArray[np.int64] | None = None,
    ) -> _Forecast: ...
    def pass_at_k(self, request: ForecastRequest) -> _Forecast: ...
    def pass_hat_k(self, request: ForecastRequest) -> _Forecast: ...
    def mean_at_k(self, request: ForecastRequest) -> _Forecast: ...
    def g_pass_at_k(self, tau: tuple[int, int], request: ForecastRequest) -> _Forecast: ...

# --- theory -----------------------------------------------------------------------------------

def vote_accuracy(
    probabilities: NDArray[np.float64],
    correct: NDArray[np.bool_],
    inert: NDArray[np.float64],
    k: NDArray[np.int64],
    ties: _Ties,
    threads: int | None,
) -> NDArray[np.float64]: ...
def filter_vote_accuracy(
    kept: NDArray[np.float64],
    dropped: NDArray[np.float64],
    correct: NDArray[np.bool_],
    inert: NDArray[np.float64],
    k: NDArray[np.int64],
    ties: _Ties,
    calls_per_candidate: int,
    threads: int | None,
) -> NDArray[np.float64]: ...

# --- laws -------------------------------------------------------------------------------------

_Integers: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]

def fit_exponential(
    k: _Floats, curves: _Floats, limits: _Floats, least_rate: float, threads: int | None
) -> tuple[_Floats, _Floats]: ...
def exponential_values(coefficients: _Floats, limits: _Floats, k: _Floats) -> _Floats: ...
def exponential_means(coefficients: _Floats, limits: _Floats, k: _Floats) -> _Floats: ...
def fit_bilevel_curves(k: _Integers, curves: _Floats) -> _Floats: ...
def fit_bilevel_counts(correct: _Integers, samples: _Integers, weights: _Floats) -> _Floats: ...
def fit_beta_binomial(
    correct: _Integers, samples: _Integers, weights: _Floats, zero_inflated: bool
) -> _Floats: ...
def fit_mixing(
    correct: _Integers, samples: _Integers, weights: _Floats, atoms: _Floats
) -> _Floats: ...
def resampled_means(
    values: _Floats, units: NDArray[np.uint64], seed: int, replicates: int
) -> _Floats: ...
def resampled_kinds(
    kind: _Integers, kinds: int, units: NDArray[np.uint64], seed: int, replicates: int
) -> _Floats: ...

# --- results ----------------------------------------------------------------------------------

@final
class TableStream:
    def __new__(
        cls, columns: Sequence[tuple[str, NDArray[np.int64] | NDArray[np.float64]]]
    ) -> TableStream: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

# --- answers: texts are a list of str or None, or anything that speaks Arrow ------------------

_Texts: TypeAlias = object
_Description: TypeAlias = dict[str, object]

def extract_answer(text: str, extractor: _Description) -> str | None: ...
def extract_answers(texts: _Texts, extractor: _Description) -> list[str | None]: ...
def list_texts(texts: _Texts) -> list[str | None]: ...
def normalised_answers(texts: _Texts, ignore_case: bool) -> list[str | None]: ...
def exact_numbers(texts: _Texts, percent: bool) -> list[tuple[str, str] | None]: ...
def close_numbers(
    left: str, right: str, relative: str, absolute: str, percent: bool
) -> bool | None: ...
def answer_classes(
    answers: _Texts,
    offsets: NDArray[np.int64],
    references: _Texts,
    equivalence: _Description,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]: ...

# --- special functions: arguments of length 1 stand for many -------------------------------------

def betainc(
    a: NDArray[np.float64], b: NDArray[np.float64], x: NDArray[np.float64], upper: bool
) -> NDArray[np.float64]: ...
def betaincinv(
    a: NDArray[np.float64], b: NDArray[np.float64], y: NDArray[np.float64], upper: bool
) -> NDArray[np.float64]: ...
def betaln(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]: ...
def binary_vote(
    p: NDArray[np.float64], k: NDArray[np.uint64], ties: Literal["split", "wrong", "right"]
) -> NDArray[np.float64]: ...
def binary_vote_increment(p: NDArray[np.float64], m: NDArray[np.uint64]) -> NDArray[np.float64]: ...

# --- searches ---------------------------------------------------------------------------------

def rebase_widths(
    rewards: NDArray[np.float64],
    budget: int,
    temperature: float,
    rounding: Literal["ceil", "round"],
    keep: tuple[int, int] | None,
) -> NDArray[np.int64]: ...
