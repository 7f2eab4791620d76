"""What the fault server says: a function of the prompt, the seed and the number of the choice."""

from __future__ import annotations

from hashlib import sha256

from tests.servers.plan import fraction

LETTERS = "ABCD"


def right_letter(prompt: str) -> str:
    """Return the answer that counts as right."""
    return LETTERS[int(fraction("right", prompt) * 4)]


def share_right(prompt: str) -> float:
    """Return the probability of the right answer, between 0.1 and 0.9; prompts differ in it."""
    return 0.1 + 0.8 * fraction("share", prompt)


def letter(prompt: str, seed: int, choice: int) -> str:
    """Answer with a letter, right with the prompt's probability; asked for a verdict, mostly approve.

    No two texts are alike, for a fingerprint of what they answer is in them.
    """
    u = fraction("answer", prompt, seed, choice)
    mark = sha256(repr((prompt, seed, choice)).encode()).hexdigest()[:16]
    if "[correct]" in prompt:
        return f"I see {mark}. [{'correct' if u < 0.7 else 'incorrect'}]"
    right, p = right_letter(prompt), share_right(prompt)
    wrong = [one for one in LETTERS if one != right]
    chosen = right if u < p else wrong[int((u - p) / (1 - p) * 3)]
    return f"By {mark}, the answer is ({chosen})."


def prompt_text(body: dict) -> str:
    """Return what is asked: the prompt, the input, the pair of texts, or the contents of all messages."""
    for name in ("prompt", "input"):
        if name in body:
            return body[name]
    if "text_1" in body:
        return f"{body['text_1']}\n{body['text_2']}"
    return "\n".join(str(message.get("content")) for message in body.get("messages", ()))


def response(body: dict, texts: list, *, chat: bool) -> dict:
    """Return the response of the endpoint with these texts; log-probabilities if they were asked for."""
    wanted = bool(body.get("logprobs")) if chat else body.get("logprobs") is not None
    choices = [_choice(number, text, chat=chat, wanted=wanted) for number, text in enumerate(texts)]
    prompt = max(1, len(prompt_text(body)) // 4)
    completion = sum(len(_tokens(text)) for text in texts)
    return {
        "id": "response",
        "object": "chat.completion" if chat else "text_completion",
        "created": 0,
        "model": body.get("model", "model"),
        "choices": choices,
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }


def scored(body: dict, endpoint: str, score, *, results: int = 1) -> dict:
    """Return the response of an endpoint that returns numbers; pooling has a row for each step of the prompt."""
    prompt = prompt_text(body)
    if endpoint == "pooling":
        steps = prompt.split("\n\n")
        begun = ["\n\n".join(steps[: i + 1]) for i in range(len(steps))]
        result = {"object": "pooling", "data": [[1 - score(text), score(text)] for text in begun]}
    elif endpoint == "classify":
        probs = [1 - score(prompt), score(prompt)]
        result = {"label": "good", "probs": probs, "num_classes": 2}
    else:
        result = {"object": "score", "score": score(prompt)}
    tokens = max(1, len(prompt) // 4)
    return {
        "id": "response",
        "object": "list",
        "created": 0,
        "model": body.get("model", "model"),
        "data": [{"index": i, **result} for i in range(results)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0},
    }


def _choice(number, text, *, chat, wanted):
    tokens = [
        (token, -0.25 - 0.5 * fraction("token", token, i)) for i, token in enumerate(_tokens(text))
    ]
    choice = {"index": number, "finish_reason": "stop", "logprobs": None}
    if chat:
        choice["message"] = {"role": "assistant", "content": text}
        if wanted:
            content = [
                {"token": token, "logprob": value, "bytes": None, "top_logprobs": []}
                for token, value in tokens
            ]
            choice["logprobs"] = {"content": content}
    else:
        choice["text"] = text
        if wanted:
            choice["logprobs"] = {
                "tokens": [token for token, _ in tokens],
                "token_logprobs": [value for _, value in tokens],
            }
    return choice


def _tokens(text):
    return (text or "").split()
