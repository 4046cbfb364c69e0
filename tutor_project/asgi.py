"""The ASGI entry point: plain requests in threads, event streams on the event loop (docs/adr/0011)."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

handler = get_wsgi_application()

from tutor_project.llm.sentence_encoder import ENGLISH, question_encoder  # noqa: E402  (after the applications are loaded)
from tutor_project.serving import Application  # noqa: E402

question_encoder(ENGLISH)  # the first question does not wait for it

application = Application(handler, threads=settings.WEB_THREADS)
