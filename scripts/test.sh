#!/usr/bin/env bash
# Runs all tests on each Python from 3.11 to 3.14 that is found, or on PYTHON alone if that is given;
# the first measures the coverage, and is the only one that drives the browser: what runs there is
# the page, the same for every Python. BROWSER_TESTS=required fails where there is no browser. The
# short trials of soak/ run on the first Python only, too, and afterwards: they load the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
pythons=${PYTHON:-$(scripts/pythons.sh)}
[ -n "$pythons" ] || { echo "Python 3.11 or later with venv is needed; none was found." >&2; exit 1; }
# Two for each core: most of a test's time goes into waiting, for the disk above all.
workers=$(($(getconf _NPROCESSORS_ONLN) * 2))
tested=""
while IFS= read -r python; do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  folder=.venv-$version
  measure=""
  if [ -z "$tested" ]; then
    folder=.venv
    measure="--cov --cov-report="  # of which lines: .venv/bin/coverage report
    rm -f .coverage*
  else
    export BROWSER_TESTS=off
  fi
  scripts/venv.sh "$python" requirements-dev.lock "$folder"
  echo "== Tests on Python $version"
  # shellcheck disable=SC2086 -- two words, or none
  "$folder/bin/python" -m pytest -n "$workers" $measure --ignore=tests/soak/test_trials.py "$@" < /dev/null
  if [ -z "$tested" ] && [ $# = 0 ]; then
    "$folder/bin/python" -m pytest -n 2 tests/soak/test_trials.py < /dev/null
  fi
  tested="$tested $version "
done <<< "$pythons"
for version in 3.11 3.12 3.13 3.14; do
  [[ "$tested" == *" $version "* ]] || echo "== Not run: Python $version"
done
