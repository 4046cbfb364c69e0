"""Settings that operators change while the system runs (django-constance), declared once with type and bounds.

Read them through ``tutor_project.common.runtime`` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RuntimeSetting:
    """A declared runtime setting; ``minimum`` and ``maximum`` bound numbers, ``choices`` bounds strings.

    ``is_size`` says that the number counts bytes: people read and write it as *50 MB*.
    """

    default: Any
    help: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    is_size: bool = False


RUNTIME_SETTINGS: dict[str, RuntimeSetting] = {
    # Accounts
    "REGISTRATION_OPEN": RuntimeSetting(True, "Anybody may register an account.", "Accounts"),
    # Limits
    "UPLOAD_MAX_FILES": RuntimeSetting(20, "Files in one upload request.", "Uploads", 1, 200),
    "UPLOAD_MAX_BYTES": RuntimeSetting(
        50 * 1024 * 1024, "Size of the files in one upload request.", "Uploads", 1024, 2**30, is_size=True
    ),
    "UPLOAD_MAX_PAGES": RuntimeSetting(2000, "Pages of one document.", "Uploads", 1, 20_000),
    "EXTRACTION_TIMEOUT_SECONDS": RuntimeSetting(120, "Seconds to extract one file.", "Uploads", 5, 1500),
    "EXTRACTION_MEMORY_MB": RuntimeSetting(1024, "Memory to extract one file, in MiB.", "Uploads", 256, 16_384),
    "SESSION_MAX_DOCUMENTS": RuntimeSetting(2000, "Documents in one session.", "Uploads", 1, 100_000),
    "READING_MAX_SENTENCES": RuntimeSetting(
        50_000,
        "Sentences of one document whose meaning is stored for answers, 0.4 kB each; the others are found by words.",
        "Uploads",
        0,
        1_000_000,
    ),
    "PAGE_PICTURES_MB": RuntimeSetting(
        512,
        "MiB of disk for pictures of pages; the least recently seen go first. 0 keeps none.",
        "Uploads",
        0,
        1_048_576,
    ),
    # Throttles, requests a minute and caller
    "THROTTLE_LOGIN": RuntimeSetting(
        10,
        "Wrong passwords for one account from one address before each further try has to wait.",
        "Throttles",
        1,
        1000,
    ),
    "THROTTLE_LOGIN_ADDRESS": RuntimeSetting(
        100,
        "Wrong passwords for all accounts from one address before each further try has to wait.",
        "Throttles",
        1,
        100_000,
    ),
    "THROTTLE_RESET": RuntimeSetting(
        5,
        "Links for a new password asked for one mailbox from one address before each further one has to wait.",
        "Throttles",
        1,
        1000,
    ),
    "THROTTLE_TOKEN": RuntimeSetting(
        1000, "Unknown tokens from one address before each further one has to wait.", "Throttles", 1, 100_000
    ),
    "THROTTLE_REGISTER": RuntimeSetting(30, "Registrations a minute from one address.", "Throttles", 1, 100_000),
    "THROTTLE_DEFAULT": RuntimeSetting(
        6000, "Requests a minute for one caller; expensive ones count for several.", "Throttles", 1, 1_000_000
    ),
    "THROTTLE_UPLOAD": RuntimeSetting(600, "Upload requests a minute for one caller.", "Throttles", 1, 100_000),
    "THROTTLE_GENERATE": RuntimeSetting(
        240, "Generations a minute for one caller; a long quiz counts for several.", "Throttles", 1, 100_000
    ),
    # Quotas of one learner and day (0 = none)
    "QUOTA_BYTES_DAY": RuntimeSetting(
        10 * 2**30,
        "Size of the files one learner may upload a day; 0 = no quota.",
        "Quotas",
        0,
        2**50,
        is_size=True,
    ),
    "QUOTA_DOCUMENTS_DAY": RuntimeSetting(
        5000, "Documents one learner may upload a day; 0 = no quota.", "Quotas", 0, 10_000_000
    ),
    "QUOTA_GENERATIONS_DAY": RuntimeSetting(
        5000,
        "Analyses, plans, lessons and quizzes one learner may ask for a day; 0 = no quota.",
        "Quotas",
        0,
        10_000_000,
    ),
    # Engines
    "ENGINE": RuntimeSetting(
        "auto",
        "auto: the model when one is configured; builtin: never the model.",
        "Engines",
        choices=("auto", "builtin", "model"),
    ),
    "MODEL_PRIVATE_ADDRESSES": RuntimeSetting(
        False,
        "Model profiles of the console may lead to private addresses: a server on this machine or in this network.",
        "Engines",
    ),
    "HINT_LADDER": RuntimeSetting(4, "Hints before the answer is shown; a question may have fewer.", "Engines", 0, 5),
    "QUIZ_PASSING_SCORE": RuntimeSetting(70, "Per cent of the points that pass a quiz.", "Engines", 1, 100),
    "QUESTION_UNANSWERED_DAYS": RuntimeSetting(
        180, "Days after which a question that nobody has answered retires.", "Engines", 1, 3650
    ),
    "QUIZ_ATTEMPTS_ALLOWED": RuntimeSetting(
        0,
        "Attempts at one quiz; what was left blank is shown after the last. 0: as many as one likes.",
        "Engines",
        0,
        100,
    ),
    # Engagement score
    "ENGAGEMENT_INTERACTION": RuntimeSetting(10.0, "Weight of an interaction.", "Engagement", 0, 10_000),
    "ENGAGEMENT_QUIZ_ATTEMPT": RuntimeSetting(15.0, "Weight of a quiz attempt.", "Engagement", 0, 10_000),
    "ENGAGEMENT_CORRECT_ANSWER": RuntimeSetting(20.0, "Weight of a correct answer.", "Engagement", 0, 10_000),
    "ENGAGEMENT_SUMMARY": RuntimeSetting(25.0, "Weight of a summary.", "Engagement", 0, 10_000),
    "ENGAGEMENT_DIVISOR": RuntimeSetting(
        10.0, "The weighted sum is divided by this, and capped at 100.", "Engagement", 0.1, 10_000
    ),
    # Reviews
    "REVIEW_DAILY_CAP": RuntimeSetting(50, "Reviews a day for one learner.", "Reviews", 1, 1000),
    "REVIEW_DESIRED_RETENTION": RuntimeSetting(
        0.9, "Recall probability at which a review is due.", "Reviews", 0.7, 0.99
    ),
    # Retention
    "LOG_RETENTION_DAYS": RuntimeSetting(30, "Days that facts are kept.", "Retention", 1, 3650),
    "JOB_RETENTION_DAYS": RuntimeSetting(7, "Days that finished jobs are kept.", "Retention", 1, 3650),
    # Health
    "HEALTH_MAX_PENDING_EMBEDDINGS": RuntimeSetting(
        100, "More pending embeddings than this raise an alert.", "Health", 1, 1_000_000
    ),
    "HEALTH_MAX_FAILED_JOBS_HOUR": RuntimeSetting(
        10, "More jobs an hour that fail by a fault of ours than this raise an alert.", "Health", 1, 1_000_000
    ),
    # Spend (0 = no cap), in US dollars
    "SPEND_CAP_USER_DAY": RuntimeSetting(
        0.0, "Most a learner may spend a day, in US dollars; 0 = no cap.", "Spend", 0, 1_000_000
    ),
    "SPEND_CAP_FOLDER_DAY": RuntimeSetting(
        0.0, "Most a folder may spend a day, in US dollars; 0 = no cap.", "Spend", 0, 1_000_000
    ),
    "SPEND_CAP_DAY": RuntimeSetting(
        0.0, "Most everybody may spend a day, in US dollars; 0 = no cap.", "Spend", 0, 1_000_000
    ),
}


def _field(setting: RuntimeSetting) -> tuple[Any, ...]:
    return (setting.default, setting.help, type(setting.default))


CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_CONFIG = {key: _field(setting) for key, setting in RUNTIME_SETTINGS.items()}
CONSTANCE_CONFIG_FIELDSETS = {
    group: tuple(key for key, setting in RUNTIME_SETTINGS.items() if setting.group == group)
    for group in dict.fromkeys(setting.group for setting in RUNTIME_SETTINGS.values())
}
CONSTANCE_IGNORE_ADMIN_VERSION_CHECK = True

WAFFLE_FLAG_MODEL = "platform.Flag"
WAFFLE_CREATE_MISSING_FLAGS = False
