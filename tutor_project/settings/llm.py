"""Model provider and embedder. Everything empty means the built-in engine and the bundled embedder."""

from __future__ import annotations

from tutor_project.environment import env

LLM_MODEL = env.str("LLM_MODEL", default="")
LLM_BASE_URL = env.str("LLM_BASE_URL", default="")
LLM_API_KEY = env.str("LLM_API_KEY", default="")
LLM_TIMEOUT_SECONDS = env.float("LLM_TIMEOUT_SECONDS", default=60.0)
LLM_SECONDS_PER_TOKEN = env.float("LLM_SECONDS_PER_TOKEN", default=0.04)
LLM_REASONING_EFFORT = env.str("LLM_REASONING_EFFORT", default="")
LLM_CONTEXT_TOKENS = env.int("LLM_CONTEXT_TOKENS", default=32_000)

EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", default="bundled")
