#!/usr/bin/env bash
# The usual way to seconds since 1970 is wrong by a factor of 1000 since pandas 3, for a column but not for a Timestamp.
#
# One would guess: moments.astype("int64") // 10**9 is seconds since 1970, as with pandas 2.
# In fact: pandas 3 reads moments as microseconds (datetime64[us]). So the same line gives values in January 1970,
#   without an error or a warning, and one number for 16 minutes' readings. The value of a single Timestamp is still in
#   nanoseconds. moments.dt.as_unit("s").astype("int64") is right in both.
# Met by: a script that forwards a CSV file's readings with their moments in seconds, after an upgrade.
# Seen with: pandas 3.1.1; 2.3.3 for comparison.
source "$(dirname "$0")/common.sh"

cat >epoch.py <<'PROGRAM'
import io

import pandas

file = io.StringIO("measured_at,celsius\n2026-10-25T00:00:00Z,11.5\n2026-10-25T00:01:00Z,11.4\n")
moments = pandas.read_csv(file, parse_dates=["measured_at"]).measured_at
print("pandas", pandas.__version__, moments.dtype)
print("  column // 10**9:", (moments.astype("int64") // 10**9).tolist())
print("  Timestamp.value // 10**9:", [moment.value // 10**9 for moment in moments])
print('  as_unit("s"):', moments.dt.as_unit("s").astype("int64").tolist())
PROGRAM

before_and_after() {
    for version in 2.3.3 3.1.1; do
        python -m pip install --quiet --disable-pip-version-check "pandas==$version"
        python -W error epoch.py
    done
}

from_pypi pandas==2.3.3
prints before_and_after <<'SEEN'
pandas 2.3.3 datetime64[ns, UTC]
  column // 10**9: [1792886400, 1792886460]
  Timestamp.value // 10**9: [1792886400, 1792886460]
  as_unit("s"): [1792886400, 1792886460]
pandas 3.1.1 datetime64[us, UTC]
  column // 10**9: [1792886, 1792886]
  Timestamp.value // 10**9: [1792886400, 1792886460]
  as_unit("s"): [1792886400, 1792886460]
SEEN
