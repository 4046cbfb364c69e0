"""What models contribute to the health picture: which of them does not answer."""

from __future__ import annotations

from jobs_app.probes import Finding, ProbeReport, register_probe
from tutor_project.llm.errors import cure_of
from tutor_project.platform.model_health import models_standing


def _models() -> ProbeReport:
    standing = models_standing()
    silent = [model for model in standing if model["answers"] is False]
    findings = tuple(
        Finding(
            f"model_not_answering:{model['profile']}"[:100],
            "warning",
            f"The model {model['model']} (profile {model['profile']}) does not answer. "
            f"{cure_of(model['error_code'])} Until it does, the built-in engine stands in. Test it in the console or by "
            "manage.py model_doctor.",
            {"model": model["model"], "error_code": model["error_code"]},
        )
        for model in silent
    )
    return ProbeReport({"models": standing}, findings)


register_probe("models", _models)
