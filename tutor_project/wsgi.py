"""The WSGI entry point, for servers without ASGI; event streams need ASGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

application = get_wsgi_application()
