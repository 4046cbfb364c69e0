"""Makes the database, the accounts and the static files ready: ``python -m tutor_project.stack.prepare``.

One process for all of it, because loading the project takes longer than most of what it does here.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from tutor_project.embedded.private import private_folder


def main() -> None:
    """Migrate, seed, collect static files; a second run finds nothing to do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    refuse_bad_settings()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("bootstrap")
    collect_static()
    close_uploads()


def close_uploads() -> None:
    """Let no other user of the machine list or read uploads, those of earlier versions included."""
    from django.conf import settings

    folder = Path(settings.MEDIA_ROOT)
    if folder.is_dir() and folder.stat().st_uid == os.geteuid():
        private_folder(folder)


def refuse_bad_settings() -> None:
    """End with one line when a system check finds settings that must not start."""
    from django.core.checks import ERROR, run_checks

    errors = [message for message in run_checks() if message.level >= ERROR]
    if errors:
        sys.exit(" ".join(f"{error.msg} {error.hint or ''} ({error.id})" for error in errors))


def collect_static() -> bool:
    """Collect the static files when a source changed since the last time; whether it was needed.

    Hashing and compressing them anew takes seconds, looking at their times a few milliseconds.
    """
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / ".collected"
    sources = static_fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == sources:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(sources, encoding="ascii")
    return True


def static_fingerprint() -> str:
    """A hash over every static source file's path, size and time."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
