"""What the port does when it starts: it runs main.py, and where that ends, the REPL takes over (here: exit code 0)."""

import sys

with open("main.py") as _file:
    _program = compile(_file.read(), "main.py", "exec")
try:
    exec(_program, {"__name__": "__main__"})
except Exception as error:  # noqa: BLE001
    sys.print_exception(error)
