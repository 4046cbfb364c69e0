"""What can go wrong between the tutor and a language model, each with its own code.

No error carries the provider's own message: it may quote the key or the prompt. The gateway logs the
provider's status and error class instead.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tutor_project.common.errors import DomainError


class LLMError(DomainError):
    """Base of every failure of a model call.

    ``detail`` is for the learner, who cannot mend anything; ``cure`` is for the operator, who can, where there is more to
    say. ``may_be_billed`` says that the provider may have done (and charged) work whose size is unknown, so the call is
    booked at its ceiling.
    """

    code: ClassVar[str] = "llm_error"
    status: ClassVar[int] = 502
    detail: ClassVar[str] = "The language model did not give a usable reply. Try again."
    cure: ClassVar[str] = ""

    def __init__(self, detail: str | None = None, *, may_be_billed: bool = False, **data: Any) -> None:
        self.may_be_billed = may_be_billed
        super().__init__(detail, **data)

    @property
    def for_operators(self) -> str:
        """What an operator is told: the cure where there is one, else the learner's sentence."""
        return self.cure.format(**self.data) if self.cure else self.message


def cure_of(code: str) -> str:
    """Return what an operator is told of a failure of which only the code was kept, "" for an unknown code."""
    kinds = [LLMError]
    for kind in kinds:  # grows while it is read
        if kind.code == code:
            return kind().for_operators
        kinds += kind.__subclasses__()
    return ""


_NOT_NOW = "The language model cannot be used at the moment. Those who run this service have been told."


class LLMNotConfigured(LLMError):
    """503: a model was asked for, and none is set."""

    code = "llm_not_configured"
    status = 503
    detail = "No language model is set up here. The built-in tutor works without one."
    cure = "No language model is set up. Set LLM_MODEL, add a model profile, or use the built-in engine."


class LLMMisconfigured(LLMError):
    """503: the model settings cannot be used; the sentence names the setting."""

    code = "llm_misconfigured"
    status = 503
    detail = _NOT_NOW
    cure = "The language model settings are not usable: {problem}"


class LLMAuthFailed(LLMError):
    """502: the provider refuses the key, or the key may not use the model."""

    code = "llm_auth_failed"
    detail = _NOT_NOW
    cure = "The model provider refused the credentials. Correct LLM_API_KEY, or the key of the profile."


class LLMRequestRejected(LLMError):
    """502: the provider calls the request wrong (unknown model, unknown parameter).

    ``parameter`` says that the request itself is meant, not the model or the address in it.
    """

    code = "llm_request_rejected"
    detail = _NOT_NOW
    cure = "The model provider rejected the request. Check the name of the model and the address (LLM_MODEL, LLM_BASE_URL)."

    def __init__(self, detail: str | None = None, *, parameter: bool = False, **data: Any) -> None:
        self.parameter = parameter
        super().__init__(detail, **data)


class LLMContextTooLarge(LLMError):
    """502: the provider says the prompt is longer than the model can read; ``context_tokens`` is what it can, if said."""

    code = "llm_context_too_large"
    detail = "The text is longer than the language model can read at once. Ask about less of it."
    cure = (
        "The prompt was longer than the model can read. Set its context to what the server says, or use a larger model."
    )

    def __init__(self, detail: str | None = None, *, context_tokens: int | None = None, **data: Any) -> None:
        self.context_tokens = context_tokens
        super().__init__(detail, **data)


class LLMPromptTooLarge(LLMError):
    """413: the prompt is above the token budget of its feature; nothing was sent."""

    code = "llm_prompt_too_large"
    status = 413
    detail = "The text needs about {estimated_tokens} tokens, above the limit of {limit}. Send less text."


class LLMUnavailable(LLMError):
    """503: the provider cannot be reached, broke the connection or answered with a server error."""

    code = "llm_unavailable"
    status = 503
    detail = "The language model does not answer right now. Try again in a minute."
    cure = (
        "Nothing usable answers at the model's address: it cannot be reached, broke the connection, or has a fault of its own. "
        "Check that the server runs, that its address and port are right, and that this machine may reach it."
    )


class LLMTimeout(LLMError):
    """504: no complete reply in time."""

    code = "llm_timeout"
    status = 504
    detail = "The language model took too long. Try again, or ask for less at once."
    cure = "The model did not finish in the time that it is given. Give it more time, or choose a faster model."


class LLMTooSlow(LLMError):
    """504: at the pace of its server the model would write this for longer than anybody waits, so it was not asked."""

    code = "llm_too_slow"
    status = 504
    detail = "The language model is too slow for this. Use the built-in engine, or ask for less at once."


class LLMRateLimited(LLMError):
    """503: the provider asks to slow down; ``retry_after_seconds`` is what it asked for, or None."""

    code = "llm_rate_limited"
    status = 503
    detail = "The model provider limits the rate of requests. Try again in a minute."

    def __init__(self, detail: str | None = None, *, retry_after_seconds: float | None = None, **data: Any) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail, retry_after_seconds=retry_after_seconds, **data)


class LLMQuotaExhausted(LLMError):
    """503: the provider account has no credit left; waiting does not help."""

    code = "llm_quota_exhausted"
    status = 503
    detail = _NOT_NOW
    cure = "The account with the model provider is used up. Renew it."


class LLMUnusableReply(LLMError):
    """Base of replies that arrived but cannot be used; ``problem`` is the sentence shown to the model.

    ``reply`` is what the model said, for the repair try; it goes to no log and no client.
    """

    code = "llm_unusable_reply"
    problem = "The reply cannot be used."

    def __init__(self, problem: str | None = None, *, reply: str = "", **data: Any) -> None:
        self.problem = problem or type(self).problem
        self.reply = reply
        super().__init__(None, **data)


class LLMInvalidOutput(LLMUnusableReply):
    """502: the reply is not the JSON that was asked for, after all repair tries."""

    code = "llm_invalid_output"
    detail = "The language model gave no reply of the right form. Try again, or use the built-in engine."


class LLMRefused(LLMUnusableReply):
    """502: the model declined to answer, after all repair tries."""

    code = "llm_refused"
    detail = "The language model declined to answer this. Ask in other words, or use the built-in engine."
    problem = "You declined. The task is ordinary course work; do it with the material given."


class LLMStreamInterrupted(LLMError):
    """502: the stream broke after text had been handed on; what was shown so far is incomplete."""

    code = "llm_stream_interrupted"
    detail = "The language model's answer broke off. Ask again."


class SpendCapReached(LLMError):
    """429: the spending limit of the learner, the course or the day leaves no room for this call."""

    code = "spend_cap_reached"
    status = 429
    detail = "The budget for model use is spent. Try again when it is renewed, or use the built-in engine."


class BudgetUnavailable(LLMError):
    """503: the spending ledger does not answer, so no paid call is made."""

    code = "budget_unavailable"
    status = 503
    detail = "Model spending cannot be checked right now, so nothing was sent. Try again in a minute."


class ModelCallInTransaction(RuntimeError):
    """A programming error: a model was called while a database transaction was open."""
