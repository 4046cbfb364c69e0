#!/usr/bin/env python
"""Django's command line. Starts the embedded servers when no database is configured."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
    from django.core.management import execute_from_command_line

    from tutor_project.embedded import EmbeddedServerError, ensure_postgres, ensure_redis
    from tutor_project.environment import EMBEDDED_DURABLE, EMBEDDED_POSTGRES, EMBEDDED_REDIS, VAR_DIR

    try:
        if EMBEDDED_POSTGRES:
            ensure_postgres(VAR_DIR, durable=EMBEDDED_DURABLE)
        if EMBEDDED_REDIS:
            ensure_redis(VAR_DIR)
    except EmbeddedServerError as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
