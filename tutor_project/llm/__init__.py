"""The only place that knows language models: one gateway, its ports, prompts, retries and budget.

Importing this package loads no model library; the first model call does.
"""
