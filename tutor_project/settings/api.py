"""REST framework, tokens, OpenAPI."""

from __future__ import annotations

from datetime import timedelta

from tutor_project.environment import env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tutor_project.common.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["tutor_project.common.api.bodies.NullableJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tutor_project.common.api.bodies.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "tutor_project.common.api.pagination.CreatedCursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["tutor_project.common.api.filtering.FilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["tutor_project.common.api.throttling.RuntimeScopedThrottle"],
    "DEFAULT_SCHEMA_CLASS": "tutor_project.common.api.schema.TutorAutoSchema",
    "EXCEPTION_HANDLER": "tutor_project.common.api.exceptions.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "tutor_project.common.api.exceptions.TutorExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": "tutor_project.common.api.exceptions.TutorExceptionFormatter",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}

REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(hours=env.int("TOKEN_TTL_HOURS", default=24 * 14)),
    "TOKEN_LIMIT_PER_USER": 20,
    "AUTO_REFRESH": False,
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "AI Tutor API",
    "DESCRIPTION": (
        "Course material in; analysis, plan, lesson, verified quizzes, cited answers and due reviews out. "
        "Send `Authorization: Bearer <token>` from `POST /api/v1/auth/login`."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "JobStatusEnum": "jobs_app.models.Job.Status",
        "DocumentStatusEnum": "documents_app.models.Document.Status",
        "AttemptStatusEnum": "sessions_app.models.QuizAttempt.Status",
        "QuestionKindEnum": "sessions_app.api.serializers.quizzes.KINDS",
        "BlockKindEnum": "documents_app.domain.blocks.BLOCK_KINDS",
        "DifficultyEnum": "sessions_app.api.serializers.quizzes.DIFFICULTIES",
    },
}
