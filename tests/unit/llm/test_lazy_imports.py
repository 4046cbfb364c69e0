"""A process without a model call never loads LangChain, an SDK or Django's ORM through the gateway."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_gateway_loads_no_model_library() -> None:
    script = (
        "import sys, tutor_project.llm, tutor_project.llm.gateway, tutor_project.llm.providers,"
        " tutor_project.llm.tools, tutor_project.llm.engines\n"
        "heavy = ('langchain', 'openai', 'anthropic', 'ollama', 'httpx', 'langsmith', 'tiktoken', 'django')\n"
        "print([name for name in sys.modules if name.split('.')[0].split('_')[0] in heavy])"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert finished.stdout.strip() == "[]"
