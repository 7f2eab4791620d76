"""A real llama.cpp server with the tiny model, once for each process that runs tests."""

from pathlib import Path

import pytest
from tests.servers.llama_server import LlamaServer

MODEL = Path(__file__).parent / "tiny_arithmetic.gguf"


@pytest.fixture(scope="session")
def tiny():
    with LlamaServer(MODEL) as server:
        yield server
