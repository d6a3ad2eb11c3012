#!/usr/bin/env bash
# Runs all tests on the newest Python that is found, or on PYTHON alone if that is given, and those
# that are not marked `once` on each other one from 3.11 to 3.14. Only the newest measures the coverage,
# drives the browser and, afterwards, makes the short trials of soak/: they load the machine.
# BROWSER_TESTS=required fails where there is no browser. MINUTES=n bounds the tests: what still runs
# then prints where each thread stands and fails, and no other Python is begun in the last third.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE  # hundreds of bots are started, and each would compile all of it
pythons=${PYTHON:-$(scripts/pythons.sh)}
[ -n "$pythons" ] || { echo "Python 3.11 or later with venv is needed; none was found." >&2; exit 1; }
# Two for each core: most of a test's time goes into waiting, for the disk above all.
workers=$(($(getconf _NPROCESSORS_ONLN) * 2))
tested=""

limited() {
  if [ -z "${MINUTES:-}" ]; then
    "$@"
  else
    local left=$((MINUTES * 60 - SECONDS))
    timeout --signal=ABRT --kill-after=30 $((left > 0 ? left : 1)) "$@"
  fi
}

while IFS= read -r python; do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [ -n "$tested" ] && [ -n "${MINUTES:-}" ] && [ "$SECONDS" -gt $((MINUTES * 40)) ]; then
    echo "== No time is left for Python $version"
    continue
  fi
  folder=.venv-$version
  chosen=(-m "not once")
  if [ -n "$tested" ]; then
    export BROWSER_TESTS=off
  else
    folder=.venv
    chosen=(--cov --cov-report=)  # of which lines: .venv/bin/coverage report
    rm -f .coverage*
  fi
  echo "== Python $version, begun after $((SECONDS / 60)) min"
  scripts/venv.sh "$python" requirements-dev.lock "$folder"
  echo "== Tests on Python $version, begun after $((SECONDS / 60)) min"
  limited "$folder/bin/python" -m pytest -n "$workers" "${chosen[@]}" --ignore=tests/soak/test_trials.py "$@" < /dev/null
  if [ -z "$tested" ] && [ $# = 0 ]; then
    echo "== Coverage of what decides and stores, in percent (98 at least)"
    "$folder/bin/python" -m coverage report --format=total --fail-under=98 \
      --include="bot/domain/*,bot/services/*,bot/storage/*"
    echo "== Short trials, begun after $((SECONDS / 60)) min"
    limited "$folder/bin/python" -m pytest -n 2 tests/soak/test_trials.py < /dev/null
  fi
  tested="$tested $version "
done <<< "$pythons"
for version in 3.11 3.12 3.13 3.14; do
  [[ "$tested" == *" $version "* ]] || echo "== Not run: Python $version"
done
