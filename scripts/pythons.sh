#!/usr/bin/env bash
# Prints one working interpreter for each of Python 3.11 to 3.14 that is found on this machine, the
# newest first; 3.14, which is still to be tried out, comes last.
set -u
for minor in 13 12 11 14; do
  for candidate in "python3.$minor" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python3."$minor" python3; do
    if [ "$("$candidate" -c 'import venv, ensurepip, sys; print(sys.version_info.minor)' 2>/dev/null)" = "$minor" ]; then
      command -v "$candidate"
      break
    fi
  done
done
