"""Errors of the analytics services that refine the gateway's own."""

from __future__ import annotations

from tutor_project.llm.errors import BudgetUnavailable


class SpendPriceUnknown(BudgetUnavailable):
    """503: a spending limit is set, and the model has no price to keep it by."""

    code = "spend_price_unknown"
    detail = "The model has no price, so the spending limit cannot be kept. Staff add its price or declare it local."
