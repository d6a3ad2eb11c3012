#!/usr/bin/env bash
# Writes the hash-locked requirements for Python 3.11 to 3.14 from pyproject.toml.
set -euo pipefail
cd "$(dirname "$0")/.."
common=(--universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --quiet)
uv pip compile "${common[@]}" pyproject.toml -o requirements.lock
uv pip compile "${common[@]}" --extra demo-tiny pyproject.toml -c requirements.lock -o requirements-demo-tiny.lock
uv pip compile "${common[@]}" --extra demo pyproject.toml -c requirements-demo-tiny.lock -o requirements-demo.lock
uv pip compile "${common[@]}" --extra demo --group dev pyproject.toml -c requirements-demo.lock -o requirements-dev.lock
uv pip compile "${common[@]}" --group audit -o requirements-audit.lock
