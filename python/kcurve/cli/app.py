"""The application: its commands, and the one place where errors become lines and exit codes.

Exit codes: 0 done; 1 a store is not sound; 2 wrong arguments or an unreadable log; 130 interrupted; 141 the reader of the
output went away.
"""

import io
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from kcurve import __version__
from kcurve.cli.curve import curve
from kcurve.cli.fit import fit
from kcurve.cli.frontier import frontier
from kcurve.cli.landscape import landscape
from kcurve.cli.optimal import optimal
from kcurve.cli.plan import plan
from kcurve.cli.sample import sample
from kcurve.cli.samples_needed import samples_needed
from kcurve.cli.solve import solve
from kcurve.cli.store import store
from kcurve.cli.summary import summary
from kcurve.errors import KcurveError

_WRONG_USE = 2
_INTERRUPTED = 130
_READER_GONE = 141

_CURVE_EXAMPLE = """Examples:

    kcurve curve answers.parquet --k 1,2,5,10
    kcurve curve answers.csv --column answer=prediction --rule best-of-n
    kcurve curve --example --json
    kcurve curve big/*.parquet --memory 2GB --method bootstrap --n-resamples 2000 --seed 7
"""
_FIT_EXAMPLE = """Examples:

    kcurve fit answers.parquet --predict 50,100,1000
    kcurve fit answers.parquet --law beta-binomial --zero-inflated --json
    kcurve fit --example --law power --plot coverage.svg
"""
_FRONTIER_EXAMPLE = """Examples:

    kcurve frontier small.parquet large.parquet --cost tokens
    kcurve frontier answers.parquet --rule vote --rule best-of-n --cost flops --parameters 7e9
    kcurve frontier answers.parquet --cost dollars --price small=0.1,0.4 --price large=2,8 --plot frontier.svg
"""
_OPTIMAL_EXAMPLE = """Examples:

    kcurve optimal answers.parquet
    kcurve optimal --example --first 8 --rule pass-at-k --k-max 10000
    kcurve optimal answers.parquet --tolerance 0.01 --plot optimum.svg
"""
_PLAN_EXAMPLE = """Examples:

    kcurve plan small.parquet large.parquet --cost tokens --budget 2000
    kcurve plan small.parquet large.parquet --cost dollars --price small=0.1,0.4 --price large=2,8 --budget 0.01 --cascades
    kcurve plan --example --budget 12 --rule vote --rule pass-at-k --plot plan.svg
"""
_SAMPLES_NEEDED_EXAMPLE = """Examples:

    kcurve samples-needed pilot.parquet --half-width 0.01
    kcurve samples-needed --example --half-width 0.02 --k 8 --questions 1000
    kcurve samples-needed a.parquet b.parquet --difference 0.02 --test-power 0.9 --cost tokens
"""
_SAMPLE_EXAMPLE = """Examples:

    kcurve sample questions.jsonl --model gpt-5-mini --n 32 --store runs.db
    kcurve sample gsm8k --limit 100 --model small --base-url http://localhost:8000/v1 --n 8 --store runs.db
    kcurve sample questions.csv --model small --n 16 --filter --budget-calls 5000 --store runs.db

Then: kcurve curve runs.db
"""
_SOLVE_EXAMPLE = """Examples:

    kcurve solve "What is 37 + 8 - 5?" --model gpt-5-mini --strategy weighted-vote --width 8 --reward judge
    kcurve solve questions.jsonl --model small --base-url http://localhost:8000/v1 --endpoint completions
        --strategy rebase --width 16 --reward step.txt --reward-read token:yes/no --store runs.db
    kcurve solve questions.jsonl --model small --strategy vote --width 40 --stopping adaptive-consistency --store runs.db
    kcurve solve question.jsonl --model small --base-url http://localhost:8000/v1 --reward-model prm
        --reward-url http://localhost:8001/v1 --reward-endpoint pooling --store runs.db --tree
"""
_SUMMARY_EXAMPLE = """Examples:

    kcurve summary answers.parquet
    kcurve summary --example --json
"""
_LANDSCAPE_EXAMPLE = """Examples:

    kcurve landscape 0.5 0.85 0.40
    kcurve landscape 0.6 0.70 0.40 --k 1:101:2 --json
    kcurve landscape 0.5 0.65 0.10 --plot landscape.svg
"""

app = App(
    name="kcurve",
    help="Inference scaling laws: what another LLM call buys, with honest error bars.",
    help_format="markdown",
    help_epilogue="Try: kcurve curve --example",
    version=f"kcurve {__version__}",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
)
app.command(curve, help_epilogue=_CURVE_EXAMPLE)
app.command(fit, help_epilogue=_FIT_EXAMPLE)
app.command(frontier, help_epilogue=_FRONTIER_EXAMPLE)
app.command(optimal, help_epilogue=_OPTIMAL_EXAMPLE)
app.command(plan, help_epilogue=_PLAN_EXAMPLE)
app.command(samples_needed, help_epilogue=_SAMPLES_NEEDED_EXAMPLE)
app.command(summary, help_epilogue=_SUMMARY_EXAMPLE)
app.command(sample, help_epilogue=_SAMPLE_EXAMPLE)
app.command(solve, help_epilogue=_SOLVE_EXAMPLE)
app.command(landscape, help_epilogue=_LANDSCAPE_EXAMPLE)
app.command(store)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on `arguments` (default: those of the process) and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a model's name must not break a table in ASCII
    try:
        code: int = app(
            sys.argv[1:] if arguments is None else list(arguments),
            exit_on_error=False,
            print_error=False,
            result_action="return_int_as_exit_code_else_zero",
        )
        sys.stdout.flush()
    except (KcurveError, CycloptsError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # Python flushes standard output once more at exit; that must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _READER_GONE
        sys.stderr.write(f"kcurve: error: {_one_line(error)}\n")
        return _WRONG_USE
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(f"kcurve: {interrupt.args[0] if interrupt.args else 'interrupted'}\n")
        return _INTERRUPTED
    return code


def _one_line(error: Exception) -> str:
    """Message of the error without line breaks; for files the name and the reason."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())
