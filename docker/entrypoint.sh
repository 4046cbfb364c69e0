#!/bin/sh
# One image, one word for the role. QUEUES and CONCURRENCY shape a worker, WEB_WORKERS the web.
set -eu
role=${1:-web}
[ $# -gt 0 ] && shift
export TUTOR_ROLE="$role"
# A heap for each thread costs more than it saves, and a process here has others beside it for each core.
export MALLOC_ARENA_MAX=2 OPENBLAS_NUM_THREADS=1
# Neither granian nor celery looks at Django's checks: settings that must not start would serve.
check() {
    python manage.py check --fail-level ERROR >/dev/null
}
case "$role" in
    web)
        check
        exec granian --interface asgi --host 0.0.0.0 --port "${PORT:-8000}" --http 1 --no-ws \
            --workers "${WEB_WORKERS:-2}" --workers-kill-timeout 10 --respawn-failed-workers \
            tutor_project.asgi:application
        ;;
    worker)
        check
        exec celery --app tutor_project worker --concurrency "${CONCURRENCY:-2}" --queues "${QUEUES:-high,default,low,model}" \
            --without-gossip --without-mingle --loglevel info
        ;;
    beat)
        check
        exec celery --app tutor_project beat --pidfile= --loglevel info
        ;;
    migrate)
        python manage.py check --deploy --fail-level ERROR
        python manage.py migrate --noinput
        exec python manage.py bootstrap
        ;;
    manage)
        exec python manage.py "$@"
        ;;
    *)
        echo "Unknown role $role: use web, worker, beat, migrate, or manage COMMAND." >&2
        exit 64
        ;;
esac
