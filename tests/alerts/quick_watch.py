"""`manage.py watch` by a clock of its own: waits of minutes take a second, so that a trial of kills ends today.

What is shortened is how long things take, and nothing of how they are written and sent.
"""

import sys
from datetime import timedelta

import django
from django.core.management import execute_from_command_line


def main() -> None:
    django.setup()
    from alerts import news
    from alerts.management.commands import watch as command
    from alerts.models import notice, watch
    from alerts.rules.states import States

    news.GATHER = news.LATE_READINGS = timedelta()
    command.ROUND_S = 0.1
    watch.LEASE = timedelta(seconds=1)
    notice.UNKNOWN_AFTER = timedelta(seconds=3)
    States._is_due = lambda *_: True
    execute_from_command_line(["manage.py", "watch", *sys.argv[1:]])


if __name__ == "__main__":
    main()
