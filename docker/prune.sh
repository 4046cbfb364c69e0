#!/bin/sh
# Drops what a deployment never runs: tests and caches of libraries, and the installer.
set -eu
find "$1" -depth -type d \( -name tests -o -name test -o -name __pycache__ \) \
    -not -path '*/numpy/*' -not -path '*/django/test' -not -path '*/django/*/test' -exec rm -rf {} +
find "$1" -type f \( -name '*.pyc' -o -name '*.a' -o -name '*.pxd' \) -delete
rm -rf "$1"/lib/python*/site-packages/pip "$1"/lib/python*/site-packages/pip-*.dist-info
