"""The other side of ``benchmarks/http.py``: the least that DRF with the same tokens and the same table can be.

Served by the same server in the same way from the same database: one list of 20 rows and one detail, no ownership, no
counts, no request id.
"""

from __future__ import annotations

import os

import django
from django.conf import settings

from tutor_project.settings.database import DATABASES
from tutor_project.settings.messaging import CACHES

settings.configure(
    SLOW_QUERY_MS=0,
    ERROR_REPORTER="",
    OTLP_ENDPOINT="",
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES=DATABASES,
    CACHES=CACHES,
    ROOT_URLCONF=__name__,
    AUTH_USER_MODEL="accounts.User",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "knox",
        "tutor_project.common.apps.CommonConfig",
        "tutor_project.accounts.apps.AccountsConfig",
    ],
    REST_KNOX={"AUTH_HEADER_PREFIX": "Bearer", "SECURE_HASH_ALGORITHM": "hashlib.sha512"},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "PAGE_SIZE": 20,
    },
)
django.setup()

from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


class Row(models.Model):
    """The table of sessions, read bare."""

    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        app_label = "minimal"
        db_table = "sessions_app_learningsession"


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = Row
        fields = ["id", "title", "created_at"]


class RowList(generics.ListAPIView):
    serializer_class = RowSerializer
    pagination_class = None

    def get_queryset(self):
        return Row.objects.order_by("-id")[:20]


class RowDetail(generics.RetrieveAPIView):
    queryset = Row.objects.all()
    serializer_class = RowSerializer


urlpatterns = [path("rows", RowList.as_view()), path("rows/<uuid:pk>", RowDetail.as_view())]

from django.core.wsgi import get_wsgi_application  # noqa: E402

from tutor_project.serving import Application  # noqa: E402

application = Application(get_wsgi_application(), threads=int(os.environ.get("WEB_THREADS", "4")))
