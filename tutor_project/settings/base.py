"""Applications, middleware, templates, static files, language and time."""

from __future__ import annotations

from tutor_project.environment import BASE_DIR, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=False)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_celery_beat",
    "constance",
    "waffle",
    "csp",
    "tutor_project.common",
    "tutor_project.accounts",
    "tutor_project.platform",
    "jobs_app",
    "documents_app",
    "sessions_app",
    "analytics_app",
]

MIDDLEWARE = [
    "tutor_project.common.middleware.RequestContextMiddleware",
    "tutor_project.common.middleware.LanguageMiddleware",
    "tutor_project.common.middleware.PrivateAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tutor_project.common.middleware.ContentPolicyMiddleware",
    "tutor_project.common.middleware.ConsoleSessionMiddleware",
    "tutor_project.common.middleware.HostMiddleware",
    "tutor_project.common.middleware.ConsoleCsrfMiddleware",
    "tutor_project.common.middleware.ConsoleInputMiddleware",
    "tutor_project.common.middleware.ConsoleAuthenticationMiddleware",
    "tutor_project.common.middleware.ConsoleMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tutor_project.urls"
WSGI_APPLICATION = "tutor_project.wsgi.application"
ASGI_APPLICATION = "tutor_project.asgi.application"
WEB_THREADS = env.int("WEB_THREADS", default=4)
"""Views that run at a time in one web process; more only help where views wait for others than this machine."""
APPEND_SLASH = True  # the admin's own URLs end in a slash; the API's do not

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tutor_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "tutor_project" / "static"]

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("pt", "Português")]
"""What an account may choose, and what the API says its messages in; the console itself speaks English."""
FORMAT_MODULE_PATH = "tutor_project.formats"
LOCALE_PATHS = [BASE_DIR / "tutor_project" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
