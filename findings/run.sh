#!/usr/bin/env bash
# Run the named findings, or all of them if none is named. This fails if one is no longer as described.
set -u
cd "$(dirname "$0")" || exit
[ $# -gt 0 ] || set -- *.sh
changed=()
for script in "$@"; do
    name=$(basename "$script" .sh)
    case $name in common | run) continue ;; esac
    echo "== $name"
    bash "$name.sh" || changed+=("$name")
done
echo
if [ ${#changed[@]} -gt 0 ]; then
    echo "No longer as described, or not to be run here: ${changed[*]}"
    exit 1
fi
echo "All are as described."
