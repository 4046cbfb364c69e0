"""Errors of the job ledger; the codes are what clients and failed jobs show."""

from __future__ import annotations

from tutor_project.common.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ServiceUnavailable,
)


class JobNotFound(NotFound):
    """404: no such job, or not the caller's."""

    code = "job_not_found"
    detail = "There is no such job, or it is not yours."


class JobKindUnknown(InvalidInput):
    """400: no kind of this name is registered."""

    code = "job_kind_unknown"
    detail = "There is no job type {job_type}."


class JobKindForbidden(PermissionDenied):
    """403: the kind is created by staff or by the system only."""

    code = "job_kind_forbidden"
    detail = "Jobs of type {job_type} are created by the system or by staff."


class JobDataInvalid(InvalidInput):
    """400: the input does not fit the kind's schema; ``attr`` names the field."""

    code = "job_data_invalid"
    detail = "job_data does not fit the job type: {reason}"


class JobScheduleInvalid(InvalidInput):
    """400: the time asked for is in the past or too far away."""

    code = "job_schedule_invalid"
    detail = "scheduled_for must be between now and one year from now."


class JobCancelled(Exception):
    """Raised at a checkpoint of a running job that somebody cancelled."""


class LeaseLost(Exception):
    """Raised when another run owns the job now; the present run must change nothing more."""


class WorkerLost(DomainError):
    """The worker vanished (killed, out of memory, host gone) on every attempt."""

    code = "worker_lost"
    status = 500
    detail = (
        "The worker was lost on each of {attempts} attempts, so the job is quarantined. Check the file, then retry."
    )


class TimeLimitExceeded(DomainError):
    """The job ran into its kind's time limit."""

    code = "time_limit_exceeded"
    status = 500
    detail = "The job exceeded its time limit of {seconds} seconds. Split the work, or ask an operator for more time."


class ProcessorLimitExceeded(DomainError):
    """The job used more processor time than its kind may."""

    code = "processor_limit_exceeded"
    status = 500
    detail = "The job needed more than {seconds} seconds of processor time and was stopped. Split the material."


class MemoryLimitExceeded(DomainError):
    """The job needed more memory than its kind may."""

    code = "memory_limit_exceeded"
    status = 500
    detail = "The job needed more than {megabytes} MiB of memory and was stopped. Split the material."


class JobSurprise(DomainError):
    """An unexpected failure; the traceback is on the attempt, for staff."""

    code = "internal_error"
    status = 500
    detail = "The job failed unexpectedly on our side. Retry it; if it fails again, report the job id."


class JobActive(Conflict):
    """409: the job still waits or runs."""

    code = "job_active"
    detail = "The job is still {status}. Wait for it to end, or cancel it first."


class JobNotDue(Conflict):
    """409: the job cannot be taken by hand now."""

    code = "job_not_due"
    detail = "The job cannot be taken now: it is a group, waits for its time, or another one of its kind runs."


class JobFinal(Conflict):
    """409: the job has already ended."""

    code = "job_final"
    detail = "The job is already {status}."


class JobNotDone(ServiceUnavailable):
    """503: the job behind the request did not come to a result; trying again may help."""

    code = "job_not_done"
    detail = "This could not be made right now. Try again in a minute."


class JobRefused(DomainError):
    """422: the job behind the request ended as its kind foresees; code and sentence are the job's."""

    code = "job_refused"
    status = 422
