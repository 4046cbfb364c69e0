"""Errors of the analytics domain; each code is defined once, here."""

from __future__ import annotations

from tutor_project.common.errors import InvalidInput, NotFound


class UnknownFactKind(InvalidInput):
    code = "unknown_fact_kind"
    detail = "There is no fact kind {kind}. Use one of: {known}."


class FactFieldMissing(InvalidInput):
    code = "fact_field_missing"
    detail = "A fact of this kind needs the field {field}. Send it."


class FactFieldUnknown(InvalidInput):
    code = "fact_field_unknown"
    detail = "A fact of this kind has no field {field}. Put small extra values into metadata."


class FactFieldInvalid(InvalidInput):
    code = "fact_field_invalid"
    detail = "The field {field} must be {expected}."


class FactNumberNotFinite(InvalidInput):
    code = "fact_number_not_finite"
    detail = "The field {field} must be a finite number, not NaN or infinity."


class FactNumberNegative(InvalidInput):
    code = "fact_number_negative"
    detail = "The field {field} cannot be negative."


class FactNumberTooLarge(InvalidInput):
    code = "fact_number_too_large"
    detail = "The field {field} is larger than {limit}. Check its unit."


class FactInFuture(InvalidInput):
    code = "fact_in_future"
    detail = "occurred_at lies in the future. Send the time the fact happened, in UTC."


class FactBeforeRetention(InvalidInput):
    code = "fact_before_retention"
    detail = "occurred_at lies before {floor}, where raw facts are no longer kept. Older facts are not accepted."


class FactTimeRequired(InvalidInput):
    code = "fact_time_required"
    detail = "A fact sent with its own id needs occurred_at, so that sending it twice counts once."


class MetadataTooLarge(InvalidInput):
    code = "metadata_too_large"
    detail = "metadata may hold at most {limit} bytes of JSON. Send ids instead of contents."


class MetadataTextTooLong(InvalidInput):
    code = "metadata_text_too_long"
    detail = (
        "A text in metadata may have at most {limit} characters. Facts hold ids, never answers, prompts or documents."
    )


class FactBatchSize(InvalidInput):
    code = "fact_batch_size"
    detail = "A batch holds 1 to {limit} facts. Split it."


class UnknownGrouping(InvalidInput):
    code = "unknown_grouping"
    detail = "group_by must be one of: {known}."


class UnknownPeriod(InvalidInput):
    code = "unknown_period"
    detail = "period must be one of: {known}. Or send from and to."


class UnknownInterval(InvalidInput):
    code = "unknown_interval"
    detail = "{field} must be one of: {known}."


class PriceInvalid(InvalidInput):
    code = "price_invalid"
    detail = "The price entry of model {model} is not valid: {reason}."


class EstimateInvalid(InvalidInput):
    code = "estimate_invalid"
    detail = "{field} must be a whole number from 0 to {limit}."


class UnknownReport(NotFound):
    code = "report_not_found"
    detail = "There is no report {report}. There are: {known}."


class UserNotFound(NotFound):
    code = "user_not_found"
    detail = "There is no such user, or their figures are not yours to see."
