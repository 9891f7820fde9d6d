"""gunicorn's configuration as shipped, with other limits: those in LIMITS, as `still_s=1 linger_s=1`."""

import os
import runpy

from freetemp.serving.worker import BoardsFirst

shipped = runpy.run_path("deploy/gunicorn.conf.py")
globals().update({name: value for name, value in shipped.items() if not name.startswith("_")})
pairs = [each.split("=") for each in os.environ.get("LIMITS", "").split()]
BoardsFirst.limits = BoardsFirst.limits._replace(**{name: float(value) for name, value in pairs})
worker_connections = int(os.environ.get("CONNECTIONS", "1000"))
