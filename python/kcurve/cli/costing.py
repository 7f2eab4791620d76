"""What calls cost, from the options of a command."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from cyclopts import Group, Parameter

from kcurve.cost import Calls, CostModel, Dollars, Flops, Latency, Price, Tokens
from kcurve.errors import ArgumentError

T = TypeVar("T")


@Parameter(name="*", group=Group("What calls cost", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class CostOptions:
    """The unit that costs are counted in, and what it needs to know of each model.

    Attributes
    ----------
    cost
        What is counted: calls, tokens, FLOPs, money, or seconds by the log's latency column.
    count
        tokens: those written, those of the prompt, or both.
    parameters
        flops: the parameters of a model, NAME=7e9, or 7e9 for all; may be repeated.
    price
        dollars: prices per million tokens, NAME=INPUT,OUTPUT, or INPUT,OUTPUT for all; may be repeated.
        Without it the log's cost column is taken.
    reward_parameters
        flops: parameters of the model that scores or judges; 0 leaves it out.
    reward_price
        dollars: price per million tokens that the scoring model reads.
    parallelism
        seconds: how many calls run at the same time; default: all of a question.
    judging
        seconds: how long scoring or judging a sample takes.
    without_reward
        Leave out what scoring and judging cost.
    """

    cost: Literal["calls", "tokens", "flops", "dollars", "seconds"] = "calls"
    count: Literal["out", "in", "both"] | None = None
    parameters: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    price: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    reward_parameters: float | None = None
    reward_price: float | None = None
    parallelism: int | None = None
    judging: float | None = None
    without_reward: Annotated[bool, Parameter(negative="", show_default=False)] = False

    def build(self, systems: Sequence[str]) -> dict[str, CostModel]:
        """Return the cost model of each system.

        Raises
        ------
        ArgumentError
            If an option is of another unit, a system has no value, or a name is no system.
        """
        self._refuse_options_of_other_units()
        match self.cost:
            case "calls":
                return dict.fromkeys(systems, Calls())
            case "tokens":
                return dict.fromkeys(systems, Tokens(count=self.count or "out"))
            case "flops":
                if not self.parameters:
                    raise ArgumentError(
                        "--cost flops needs --parameters: NAME=7e9 for each system, or 7e9 for all"
                    )
                sizes = _by_system("--parameters", self.parameters, systems, _number)
                reward = self.reward_parameters or 0.0
                return {name: Flops(size, reward_parameters=reward) for name, size in sizes.items()}
            case "dollars":
                scoring = (
                    None if self.reward_price is None else Price(input=self.reward_price, output=0)
                )
                if not self.price:
                    return dict.fromkeys(systems, Dollars(reward_price=scoring))
                prices = _by_system("--price", self.price, systems, _price)
                return {name: Dollars(price, scoring) for name, price in prices.items()}
            case "seconds":
                time = Latency(parallelism=self.parallelism, judging=self.judging or 0.0)
                return dict.fromkeys(systems, time)

    def _refuse_options_of_other_units(self) -> None:
        needed = {
            "--count": (self.count is not None, "tokens"),
            "--parameters": (bool(self.parameters), "flops"),
            "--reward-parameters": (self.reward_parameters is not None, "flops"),
            "--price": (bool(self.price), "dollars"),
            "--reward-price": (self.reward_price is not None, "dollars"),
            "--parallelism": (self.parallelism is not None, "seconds"),
            "--judging": (self.judging is not None, "seconds"),
        }
        for option, (given, unit) in needed.items():
            if given and self.cost != unit:
                raise ArgumentError(f"{option} is for --cost {unit}, got --cost {self.cost}")


def _by_system(
    option: str, given: Sequence[str], systems: Sequence[str], read: Callable[[str, str], T]
) -> dict[str, T]:
    """Read values given as NAME=VALUE, or as one VALUE for all systems."""
    values: dict[str, T] = {}
    for each in given:
        # Names of models hold "=" at times, values never do.
        name, equals, text = each.rpartition("=")
        if not equals:
            values |= dict.fromkeys(
                (one for one in systems if one not in values), read(option, text)
            )
        elif name in systems:
            values[name] = read(option, text)
        else:
            raise ArgumentError(
                f"{option} names {name!r}, which is no system; the systems are "
                f"{', '.join(map(repr, systems))}"
            )
    missing = [name for name in systems if name not in values]
    if missing:
        raise ArgumentError(f"{option} has no value for {missing[0]!r}; add {option} NAME=VALUE")
    return {name: values[name] for name in systems}


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentError(f"{option} must be a number such as 7e9, got {text!r}") from None


def _price(option: str, text: str) -> Price:
    parts = text.split(",")
    if len(parts) != 2:
        raise ArgumentError(f"{option} must be INPUT,OUTPUT such as 0.25,2, got {text!r}")
    return Price(input=_number(option, parts[0]), output=_number(option, parts[1]))
