#!/usr/bin/env bash
# scripts/venv.sh PYTHON LOCK FOLDER: makes FOLDER a virtual environment of PYTHON that holds exactly
# LOCK. Does nothing when it does already.
set -euo pipefail
python=$1 lock=$2 folder=$3
digest=$("$python" -c 'import hashlib, sys
print(hashlib.sha256(sys.version.encode() + open(sys.argv[1], "rb").read()).hexdigest()[:16])' "$lock")
mark="$folder/installed-$digest"
[ -e "$mark" ] && exit 0
echo "Setting up $folder with $("$python" --version) from $lock"
rm -rf "$folder"
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
  --require-hashes --only-binary :all: --requirement "$lock"
touch "$mark"
