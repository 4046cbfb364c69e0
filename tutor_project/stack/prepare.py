"""Makes the database, the accounts and the static files ready: ``python -m tutor_project.stack.prepare``.

One process for all of it, because loading the project takes longer than most of what it does here.
"""

from __future__ import annotations

import os


def main() -> None:
    """Migrate, seed, collect static files; prints a line for what it did."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("bootstrap")
    call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    main()
