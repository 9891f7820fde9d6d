"""The process that imports a file of the admin: `python -m readings.imports NUMBER NAME`, called by jobs.py."""

import os
import sys

import django


def main(number: int, name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")
    django.setup()
    from readings.imports.process import import_in_this_process  # It needs the models.

    import_in_this_process(number, name)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
