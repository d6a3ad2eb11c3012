#!/usr/bin/env bash
# Runs all tests on each Python from 3.11 to 3.14 that is found; the oldest measures the coverage.
set -euo pipefail
cd "$(dirname "$0")/.."
run=()
for python in $(scripts/pythons.sh); do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [ ${#run[@]} = 0 ]; then
    folder=.venv
    measure=(--cov --cov-report=term:skip-covered)
    rm -f .coverage*
  else
    folder=.venv-$version
    measure=()
  fi
  scripts/venv.sh "$python" requirements-dev.lock "$folder"
  echo "== Tests on Python $version"
  "$folder/bin/python" -m pytest -n auto "${measure[@]}" "$@"
  run+=("$version")
done
for version in 3.11 3.12 3.13 3.14; do
  [[ " ${run[*]} " == *" $version "* ]] || echo "== Not run: Python $version is not on this machine"
done
