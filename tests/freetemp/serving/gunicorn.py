"""gunicorn's configuration as shipped, with other limits: those in LIMITS, as `still_s=1 linger_s=1`."""

import os
import runpy
import sys
import threading

from freetemp.serving.worker import BoardsFirst

shipped = runpy.run_path("deploy/gunicorn.conf.py")
globals().update({name: value for name, value in shipped.items() if not name.startswith("_")})
pairs = [each.split("=") for each in os.environ.get("LIMITS", "").split()]
BoardsFirst.limits = BoardsFirst.limits._replace(**{name: float(value) for name, value in pairs})
worker_connections = int(os.environ.get("CONNECTIONS", "1000"))


LARGE = {"PIL", "pygments", "requests", "openpyxl", "esptool", "cryptography"}


def post_worker_init(worker: BoardsFirst) -> None:
    names = " ".join(sorted(each.name for each in threading.enumerate()))
    worker.log.info("%s: %s", "people" if worker.is_for_people else "boards", names)
    worker.log.info("loaded: %s", sorted(LARGE & sys.modules.keys()))
