#!/usr/bin/env bash
# Runs all tests on each Python from 3.11 to 3.14 that is found; the oldest measures the coverage.
set -euo pipefail
cd "$(dirname "$0")/.."
covered=""
for python in $(scripts/pythons.sh); do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  scripts/venv.sh "$python" requirements-dev.lock ".venv-$version"
  echo "== Tests on Python $version"
  if [ -z "$covered" ]; then
    covered=$version
    rm -f .coverage*
    ".venv-$version/bin/python" -m pytest -n auto --cov --cov-report=term:skip-covered "$@"
  else
    ".venv-$version/bin/python" -m pytest -n auto "$@"
  fi
done
for version in 3.11 3.12 3.13 3.14; do
  [ -e ".venv-$version" ] || echo "== Not run: Python $version is not on this machine"
done
