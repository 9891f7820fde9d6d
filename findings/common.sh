# Every finding sources this. It makes a temporary folder, installs pinned packages in it, and compares at the end.
# shellcheck shell=bash

set -euo pipefail
finding=$(basename "$0" .sh)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Install these packages from PyPI, each NAME==VERSION, for `python` from here on.
from_pypi() {
    python3 -m venv environment
    PATH=$folder/environment/bin:$PATH
    python -m pip install --quiet --disable-pip-version-check "$@"
    echo "$*, $(python --version)"
}

# Install these packages from npm, each NAME@VERSION, for scripts in this folder.
from_npm() {
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "$@"
    echo "$*, node $(node --version)"
}

# Compare the output of a command with standard input. Fail if they differ.
prints() {
    cat >expected.txt
    "$@" >seen.txt
    cat seen.txt
    if ! diff -u expected.txt seen.txt >difference.txt; then
        tail -n +3 difference.txt
        echo "$finding: no longer as described (- is what was seen before)"
        return 1
    fi
    echo "$finding: as described"
}
