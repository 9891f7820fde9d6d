"""Sets up freetemp and serves or tests it, on a machine that needs only Python beforehand.

    python3 bootstrap.py serve [--demo] [--lan] [--bind 127.0.0.1:8000]
    python3 bootstrap.py test [--install] [pytest arguments]

It uses only the standard library. Python compiles the whole file before the version check below runs, so the syntax
here is that of Python 3.6.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older versions get a message here
    sys.exit(
        "freetemp needs Python 3.11 or newer, and this is {}.{}. Install a newer one and start this file with it, "
        "like: python3.11 bootstrap.py serve".format(*sys.version_info[:2])
    )

import argparse
import contextlib
import errno
import os
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from freetemp.conf.env_file import EnvFileError, settings_in, text_of, without
from freetemp.conf.loopback import is_loopback
from freetemp.conf.secret_keys import is_strong, new_encryption_key, new_secret_key
from freetemp.installation import (
    BASE_DIR,
    DISK_IS_FULL,
    PYTHON,
    foreground,
    install,
    install_browser_libraries,
    make_venv,
    program,
    what_to_do,
)
from freetemp.listening import EVERYWHERE, Address, ListenError, address_in_network

ENV_FILE = BASE_DIR / ".env"

DEFAULT_BIND = Address("127.0.0.1", 8000)

# waitress reads a request as a whole before a thread gets it. A silent client keeps its connection for 20 s at most.
# Windows' select() takes 512 connections. A body is stored before the application is asked, which takes 5 MiB at most
# (freetemp.http.bodies).
WAITRESS_TIMES = ["--channel-timeout=15", "--cleanup-interval=5"]
WAITRESS_LIMITS = ["--threads=16", "--connection-limit=400", *WAITRESS_TIMES, "--max-request-body-size=5242880"]

UPLOADS_AGAIN_S = 10.0  # between two starts of what sends uploads


# Settings


def write_env_file() -> None:
    """Write .env with new secrets for this server. An existing file gets only secrets that it lacks.

    A weak SECRET_KEY counts as none: no server starts with it.
    """
    if not ENV_FILE.exists():
        print("Writing .env with new secret keys ...", flush=True)
        lines = f"SECRET_KEY={new_secret_key()}", f"ENCRYPTION_KEYS={new_encryption_key()}"
        replace_env_file("\n".join([*lines, f"SERVER_URL=http://{DEFAULT_BIND}", ""]))
        return
    key = setting("SECRET_KEY")
    if not (is_strong(key) or key.startswith("$") or "SECRET_KEY" in os.environ):  # $NAME is another setting.
        print("Writing a new SECRET_KEY into .env ...", flush=True)
        put_into_env_file("SECRET_KEY", new_secret_key())
    if not setting("ENCRYPTION_KEYS"):
        print("Adding a key for WiFi passwords to .env ...", flush=True)
        put_into_env_file("ENCRYPTION_KEYS", new_encryption_key())


def put_into_env_file(name: str, value: str) -> None:
    others = without(name, text_of(ENV_FILE)).rstrip()
    replace_env_file("\n".join([*filter(None, [others]), f"{name}={value}", ""]))


def replace_env_file(text: str) -> None:
    """Rewrite .env, readable by its owner only unless others could read it already. No failure leaves half a file."""
    file = ENV_FILE.resolve()  # It may be a link to a file elsewhere.
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o600
    beside = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    beside.chmod(mode)
    beside.replace(file)


def setting(name: str, default: str = "") -> str:
    """Return a setting from the same places as settings.py: the environment, else .env."""
    return os.environ.get(name, settings_in(ENV_FILE).get(name, default))


# Serving


def manage(environment: dict[str, str], *arguments: str) -> None:
    with program(PYTHON, "manage.py", *arguments, env=environment) as process:
        code = process.wait()
    if code:
        sys.exit(what_to_do(""))


def serve(options: argparse.Namespace) -> int:
    """Set everything up and serve until Ctrl-C or SIGTERM. All started programs end with this one."""
    heed_signals()
    if options.lan:
        if options.bind is not DEFAULT_BIND and options.bind.host != EVERYWHERE:
            print(f"--lan listens on every address of this machine: only the port of --bind {options.bind} counts.")
        options.bind = options.bind._replace(host=EVERYWHERE)
    options.bind.check()
    write_env_file()
    environment = {**os.environ, **settings_of_this_run(options)}
    make_venv()
    has_broker = bool(setting("MQTT_URL"))
    postgresql = ["postgresql"] if setting("DATABASE_URL").startswith("p") else []
    install("base", *postgresql, *(["mqtt"] if has_broker else []))
    install_browser_libraries()
    manage(environment, "prepare")
    if options.demo:
        manage(environment, "load_demo")
    with program(*server_command(options.bind), env=environment) as server, contextlib.ExitStack() as others:
        wait_for_answer(server, options.bind)
        url = environment["SERVER_URL"].rstrip("/")
        print(f"\nPages: {url}/\nAdmin: {url}/admin/\n\nCtrl-C stops the server.", flush=True)
        others.enter_context(program(PYTHON, "manage.py", "watch", env=environment))
        if has_broker:
            others.enter_context(program(PYTHON, "manage.py", "listen_mqtt", env=environment))
        if options.demo:
            reporter = (PYTHON, "manage.py", "report_demo", "--url", f"http://{options.bind.seen_from_here()}")
            others.enter_context(program(*reporter, env=environment))
        wait_for_end(server, environment)
    sys.exit("The server has stopped by itself: its last lines above say why.")


def wait_for_end(server: subprocess.Popen[str], environment: dict[str, str]) -> None:
    """Wait until the server ends. Meanwhile run what sends uploads, whenever there are some: it ends without any."""
    wanted = BASE_DIR / (setting("VAR_DIR") or "var") / "uploads-wanted"
    started = -UPLOADS_AGAIN_S
    while server.poll() is None:
        if wanted.exists() and time.monotonic() - started >= UPLOADS_AGAIN_S:
            started = time.monotonic()
            with program(PYTHON, "manage.py", "send_uploads", "--while-any", env=environment) as sender:
                while server.poll() is None and sender.poll() is None:
                    time.sleep(0.5)
        time.sleep(0.5)


def heed_signals() -> None:
    """Let SIGTERM and a closing terminal stop everything as Ctrl-C does. A signal that nohup ignores stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP.
        if number and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def settings_of_this_run(options: argparse.Namespace) -> dict[str, str]:
    """Return the settings that follow from the options. settings.py reads the rest from .env.

    A SERVER_URL that other machines reach is the choice of whoever wrote it, and stays.
    """
    url = setting("SERVER_URL", f"http://{DEFAULT_BIND}")
    if not options.lan:
        return {"SERVER_URL": moved(url, options.bind.seen_from_here()) if options.bind != DEFAULT_BIND else url}
    name = socket.gethostname().split(".")[0]
    hosts = [setting("ALLOWED_HOSTS"), name, f"{name}.local"]
    if is_loopback(url):
        url = moved(url, options.bind._replace(host=address_in_network()))
    else:
        print(f"Boards are told {url}, which is the SERVER_URL of .env or of the environment.", flush=True)
    return {"SERVER_URL": url, "ALLOWED_HOSTS": ",".join(filter(None, hosts))}


def moved(url: str, address: Address) -> str:
    """Return a loopback URL with another address, and any other URL as it is."""
    return f"http://{address}{urlsplit(url).path}" if is_loopback(url) else url


def server_command(bind: Address) -> list[str | Path]:
    if os.name == "nt":  # gunicorn needs fork().
        return [PYTHON, "-m", "waitress", f"--listen={bind}", *WAITRESS_LIMITS, "freetemp.wsgi:application"]
    options = ["-c", "deploy/gunicorn.conf.py", "--log-level=warning", f"--bind={bind}"]
    return [PYTHON, "-m", "gunicorn", *options, "freetemp.wsgi"]


def wait_for_answer(server: subprocess.Popen[str], bind: Address) -> None:
    deadline = time.monotonic() + 120
    while not bind.answers():
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit("The server does not start: its last lines above say why.")
        time.sleep(0.2)


# Testing


def test(pytest_arguments: list[str]) -> int:
    write_env_file()
    make_venv()
    install("dev", options=["--no-compile"])  # Python compiles what the tests import, a third of it, on every core.
    install_browser_libraries(tests=True)
    return foreground(PYTHON, "-m", "tests.run", *pytest_arguments)


# The command line


def address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address and port: give it like {DEFAULT_BIND}") from None


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Set freetemp up, then serve or test it.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="set up missing parts, and serve", allow_abbrev=False)
    serving.add_argument("--demo", action="store_true", help="add stations with a year of data and live reports")
    serving.add_argument("--lan", action="store_true", help="listen on the whole network, so that boards can report")
    serving.add_argument("--bind", type=address, default=DEFAULT_BIND, help="where to listen (%(default)s)")
    testing = "set up missing parts, and run every test; --install gets by apt-get what pip cannot"
    commands.add_parser("test", help=testing, usage="%(prog)s [--install] [pytest arguments]", allow_abbrev=False)
    return parser


def main() -> int:
    os.umask(os.umask(0o022) | 0o022)  # Nobody else may change the programs. freetemp closes its data by itself.
    parser = command_line()
    options, others = parser.parse_known_args()
    if others and options.command == "serve":
        parser.error(f"serve does not know {' '.join(others)}")
    try:
        return test(others) if options.command == "test" else serve(options)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130 if options.command == "test" else 0
    except (ListenError, EnvFileError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(DISK_IS_FULL if error.errno == errno.ENOSPC else f"{error}. Once that is mended, run this again.")


if __name__ == "__main__":
    sys.exit(main())
