"""What is loaded when."""

import subprocess
import sys


def test_the_sdk_is_loaded_with_the_first_call_and_not_before():
    programme = (
        "import sys, kcurve.llm\n"
        "kcurve.llm.LLM('m', base_url='http://localhost:1/v1')\n"
        "print(sorted({'openai', 'aiohttp', 'httpx', 'httpx2', 'pydantic'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", programme]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == "[]\n"
