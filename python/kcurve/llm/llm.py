"""One language model behind an OpenAI-compatible server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError, LLMError
from kcurve.llm.attempt import Sender
from kcurve.llm.calls import Calls
from kcurve.llm.client import Client
from kcurve.llm.limits import Concurrency, Rates
from kcurve.llm.parameters import Parameters
from kcurve.llm.price_list import openai_prices
from kcurve.llm.retry import RetryPolicy
from kcurve.llm.scores import SCORING, checked_range
from kcurve.llm.settings import check_settings
from kcurve.llm.windows import Windows
from kcurve.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from kcurve.cost import Price
    from kcurve.llm.account import Account
    from kcurve.llm.budget import Budget
    from kcurve.llm.capabilities import Capabilities
    from kcurve.llm.windows import Decision
    from kcurve.store.records import Endpoint, Purpose, Sample, ScoringEndpoint

_WINDOW = 4096
_DEFAULT = Parameters()


class LLM:
    """A model to sample from, with a store of all it ever answered.

    Every attempt is journalled in the store before it is sent, and every response is committed there before it
    is returned: what was paid for once is never paid for again, and a run that ended early goes on where it
    was. It is used from one event loop at a time; connections open with the first call, and close with
    ``async with`` or `close`.

    Parameters
    ----------
    model : str
        The name the server knows the model by.
    base_url : str, optional
        The server, such as ``"http://localhost:8000/v1"``. The default is the variable OPENAI_BASE_URL, or
        OpenAI itself.
    api_key : str, optional
        The key; the default is the variable OPENAI_API_KEY. It is never stored or shown.
    endpoint : {"chat", "completions", "pooling", "classify", "score"}
        Which call is made. The last three return numbers, and are those of vLLM and servers like it: they are
        looked for beside the ``/v1`` that `base_url` ends in, not under it.
    revision : str
        Tells models apart that different servers serve under one name: part of the key of every sample.
    store : Store or path, optional
        Where responses are kept; the default is a temporary file.
    concurrency : int
        The most calls under way at once. After a 429 or a time-out half as many are, and one more
        after each full round of successes, up to this number again.
    requests_per_minute, tokens_per_minute : float, optional
        Rates that are not exceeded. Tokens are counted before a call as for a budget, one for each byte of the
        prompt and `max_tokens`, and corrected by what the server counted.
    timeout : float
        Seconds a call may take.
    retry : RetryPolicy
        What is asked again, how often, and when.
    budget : Budget, optional
        The most that may be spent.
    prices : mapping of str to Price, optional
        Prices by model. The default is a small table for OpenAI's own server, and no prices for others.
    unknown : {"resend", "skip"} or callable
        What becomes of a sample whose last attempt was cut off by a crash, which may have been paid
        for. ``"resend"`` asks again; ``"skip"`` leaves it out, with status ``"unknown"``; a callable is told
        what the journal knows of the attempt (`request`, `sample`, `attempt`, `seed`, `sent`, `session`), and
        returns one of the two.
    samples_per_request : int
        How many samples a call asks for, by the parameter n, at most 128. More than one saves the prompt, if
        the server honours it (see `probe`); tokens and cost of such samples are NaN unless `probe` found that
        the server counts all of them.
    grace : float
        When sampling is cancelled, by Ctrl-C for example, nothing more is sent, and calls under way, being paid
        for, have this many seconds to end; a second cancellation cuts them off at once.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.
    LLMError
        If there is no key for OpenAI, or `base_url` is no address.

    Examples
    --------
    >>> llm = LLM("small", base_url="http://localhost:8000/v1", concurrency=8)
    >>> llm
    LLM('small', base_url='http://localhost:8000/v1', endpoint='chat', store='temporary')
    >>> llm.account.sent
    0
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        endpoint: Endpoint | ScoringEndpoint = "chat",
        revision: str = "",
        store: Store | Path | str | None = None,
        concurrency: int = 64,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        timeout: float = 600.0,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        budget: Budget | None = None,
        prices: Mapping[str, Price] | None = None,
        unknown: Decision | Callable[[Mapping[str, object]], Decision] = "resend",
        samples_per_request: int = 1,
        grace: float = 5.0,
    ) -> None:
        check_settings(
            model=model,
            endpoint=endpoint,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            timeout=timeout,
            retry=retry,
            unknown=unknown,
            samples_per_request=samples_per_request,
            grace=grace,
        )
        client = Client(base_url, api_key)
        self._model = model
        self._endpoint: Endpoint | ScoringEndpoint = endpoint
        self._revision = revision
        self._concurrency = concurrency
        self._owned = not isinstance(store, Store)
        self._store = store if isinstance(store, Store) else Store(store)
        if prices is None:
            prices = openai_prices() if client.is_openai else {}
        self._client = client
        self._sender = Sender(
            client,
            self._store,
            concurrency=Concurrency(concurrency),
            rates=Rates(requests_per_minute, tokens_per_minute),
            timeout=timeout,
            budget=budget,
            price=prices.get(model),
            longest_wait=retry.longest_wait,
        )
        self._windows = Windows(
            self._sender,
            policy=retry,
            unknown=unknown,
            per_call=samples_per_request,
            # More than the calls under way, so that places are taken while outcomes are committed.
            workers=concurrency + concurrency // 4 + 1,
            grace=grace,
        )
        self._calls = Calls(model, endpoint, revision)
        self._capabilities: Capabilities | None = None

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._model

    @property
    def identity(self) -> str:
        """What tells its samples from those of others in a store: model, endpoint and revision."""
        return " ".join(filter(None, (self._model, self._endpoint, self._revision)))

    @property
    def endpoint(self) -> Endpoint | ScoringEndpoint:
        """Which call is made."""
        return self._endpoint

    @property
    def concurrency(self) -> int:
        """The most calls under way at once."""
        return self._concurrency

    @property
    def store(self) -> Store:
        """Where responses are kept."""
        return self._store

    @property
    def price(self) -> Price | None:
        """What the model's tokens cost; None if unknown."""
        return self._sender.price

    @property
    def account(self) -> Account:
        """What was sent, what came back, and what it cost, up to now."""
        return self._sender.tally.snapshot()

    @property
    def capabilities(self) -> Capabilities | None:
        """What `probe` found; None before."""
        return self._capabilities

    def __repr__(self) -> str:
        """Show model, server and store; no key."""
        path = "temporary" if self._store.path is None else str(self._store.path)
        return (
            f"LLM({self._model!r}, base_url={self._client.url!r}, endpoint={self._endpoint!r}, "
            f"store={path!r})"
        )

    async def __aenter__(self) -> Self:
        """Return the LLM itself, also one that was closed; connections open with the first call."""
        self._windows.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections, and the store if the LLM opened its file."""
        await self.close()

    async def close(self) -> None:
        """Close the connections, and the store if the LLM opened its file; a temporary one stays readable.

        Whoever still waits for samples, or asks for more than the store has, gets LLMError, until the LLM is entered
        again by ``async with``. Calls under way have the `grace` of a cancellation to end and be committed.
        """
        closed = LLMError(
            "the LLM was closed before all samples were drawn; what came is in the store, and the rest is drawn "
            "once it is entered again by: async with llm"
        )
        await self._windows.end(closed)
        await self._client.close()
        if self._owned and self._store.path is not None:
            self._store.close()

    async def sample(
        self,
        prompt: str | Sequence[Mapping[str, object]] | Mapping[str, str],
        *,
        until: int,
        start: int = 0,
        parameters: Parameters = _DEFAULT,
        purpose: Purpose | None = None,
        each: Callable[[Sample], object] | None = None,
    ) -> list[Sample]:
        """Return samples `start` to `until` - 1 of a request; only those that the store lacks are paid for.

        Sample i is the same whenever it is asked for: the store keeps it under model, endpoint, revision,
        prompt, parameters and i. So ``until=32`` after ``until=16`` pays for 16. Samples that somebody else
        is drawing at the moment are waited for.

        Parameters
        ----------
        prompt : str, sequence of messages, or mapping
            A text (in a chat, one message of the user), or the messages of a chat. For the endpoint "score" a pair
            of texts, ``{"text_1": ..., "text_2": ...}``.
        until : int
            One more than the last index; at most 1 where the endpoint returns numbers.
        start : int
            The first index.
        parameters : Parameters
            Temperature and the like; only `extra` where the endpoint returns numbers.
        purpose : Purpose, optional
            What the samples are for, to be read back with `Store.log`.
        each : callable, optional
            Is told every sample as soon as it is there, those of the store first; it must not fail, or wait.

        Returns
        -------
        list of Sample
            In the order of their indices. The text is what the model wrote, or the JSON of the numbers it returned:
            ``"[0.93]"``, or ``"[[0.1, 0.9], [0.4, 0.6]]"`` (without blanks) for a vector per step. One whose attempts all failed has status ``"failed"``; it is asked for
            again next time.

        Raises
        ------
        ArgumentError
            If prompt, range or parameters do not fit the endpoint, or the range is none.
        LLMError
            If no retry can help: a wrong key or model, a refused request, an exhausted quota, a server that
            asks for a longer wait than the retry policy allows. Samples drawn until then are in the store.
        BudgetError
            If the next call could exceed the budget. Samples drawn until then are in the store.
        StoreError
            If the store cannot be written; what was not journalled was not sent.
        """
        if not 0 <= start <= until:
            raise ArgumentError(f"start must be between 0 and until={until}, got {start}")
        if self._endpoint in SCORING:
            checked_range(self._endpoint, until, parameters)
        call = self._calls.call(prompt, parameters)
        if until > start:
            call.seed(until - 1)  # fails now rather than after all others were paid for
        if purpose is not None:
            found = await self._store.find(call.request, range(0))
            await self._store.link(purpose, found.request, range(start, until))
        samples: list[Sample] = []
        for first in range(start, until, _WINDOW):
            window = range(first, min(until, first + _WINDOW))
            samples += await self._windows.samples(call, window, each)
        return samples

    async def probe(self) -> Capabilities:
        """Return what the server can do, as at most nine small calls show; they are paid for and journalled.

        They ask for 16 tokens each or fewer, with and without n, seeds and log-probabilities; of a chat also for the
        continuation of a message that was begun. What they find about token counts is used from then on by
        calls for several samples.

        Raises
        ------
        ArgumentError
            If the endpoint returns numbers.
        LLMError
            If the plainest call fails.
        """
        if self._endpoint != "chat" and self._endpoint != "completions":  # noqa: PLR1714 - so mypy understands
            raise ArgumentError(
                f"endpoint {self._endpoint!r} writes nothing that could be probed; "
                "probe an LLM with endpoint 'chat' or 'completions'"
            )
        from kcurve.llm.probe import probed  # noqa: PLC0415 - once in a life

        self._capabilities = await probed(self._sender, self._model, self._endpoint)
        self._sender.usage_of_all = self._capabilities.usage_of_all
        return self._capabilities
