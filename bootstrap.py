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
import hashlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from freetemp.conf.env_file import EnvFileError, settings_in, text_of, without
from freetemp.conf.loopback import is_loopback
from freetemp.conf.secret_keys import is_strong, new_encryption_key, new_secret_key
from freetemp.listening import EVERYWHERE, Address, ListenError, address_in_network

BASE_DIR = Path(__file__).resolve().parent
VENV = BASE_DIR / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = PROGRAMS / f"python{EXE}"
NODE_MODULES = BASE_DIR / "node_modules"
ENV_FILE = BASE_DIR / ".env"

DEFAULT_BIND = Address("127.0.0.1", 8000)

# waitress reads a request as a whole before a thread gets it. A silent client keeps its connection for 20 s at most.
# Windows' select() takes 512 connections. A body is stored before the application is asked, which takes 5 MiB at most
# (freetemp.http.bodies).
WAITRESS_TIMES = ["--channel-timeout=15", "--cleanup-interval=5"]
WAITRESS_LIMITS = ["--threads=16", "--connection-limit=400", *WAITRESS_TIMES, "--max-request-body-size=5242880"]

UPLOADS_AGAIN_S = 10.0  # between two starts of what sends uploads

ROOM_TO_INSTALL_BYTES = 300_000_000
DISK_IS_FULL = "The disk is full: freetemp needs about 500 MB. Make room, then run this again."
NO_NETWORK = (
    "The packages could not be fetched, and the first run needs the internet: "
    "check the connection (and the proxy, if you have one), then run this again."
)
NETWORK_TROUBLE = re.compile(r"connection broken|Max retries exceeded|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT")


# Programs


@contextlib.contextmanager
def program(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a program in the project's folder, and end it at the end of the block.

    It has its own process group: Ctrl-C then reaches only this process, which ends the others in order.
    """
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=BASE_DIR,
        text=True,
        errors="replace",
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        **options,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Ask a program to stop. It is killed if it takes too long, or after a second Ctrl-C."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def step(sentence: str, *command: str | Path) -> None:
    """Print one line and run a program with hidden output. If it fails, show its last lines and what to do."""
    print(f"{sentence} ...", flush=True)
    with program(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        output, _ = process.communicate()
    if process.returncode:
        print(*output.splitlines()[-15:], sep="\n", file=sys.stderr)
        sys.exit(what_to_do(output))


def what_to_do(output: str) -> str:
    """Return the advice for a failed program, from its output and the room on the disk."""
    if "No space left" in output or shutil.disk_usage(BASE_DIR).free < ROOM_TO_INSTALL_BYTES:
        return DISK_IS_FULL
    if NETWORK_TROUBLE.search(output):
        return NO_NETWORK
    return "This step failed, for the reason above. Once that is mended, run this again."


def manage(environment: dict[str, str], *arguments: str) -> None:
    with program(PYTHON, "manage.py", *arguments, env=environment) as process:
        code = process.wait()
    if code:
        sys.exit(what_to_do(""))


def foreground(*command: str | Path, **options: Any) -> int:
    """Run a program in the foreground: it may ask for a password, and receives Ctrl-C itself."""
    process = subprocess.Popen(list(map(str, command)), cwd=BASE_DIR, **options)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


# Installing


def make_venv() -> None:
    """Make .venv unless there is a working one: the system's Python may have changed since."""
    works = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists():
        with program(PYTHON, "-c", works, stderr=subprocess.DEVNULL) as process:
            if process.wait() == 0:
                return
    if find_spec("ensurepip") is None:
        sys.exit("This Python cannot make a .venv. On Debian and Ubuntu: sudo apt install python3-venv")
    step("Making .venv", sys.executable, "-m", "venv", "--clear", VENV)


def install(*names: str) -> None:
    """Install these requirements/*.txt into .venv, unless they were the last ones installed there."""
    files = [BASE_DIR / "requirements" / f"{name}.txt" for name in names]
    stamp, digest = VENV / "requirements.stamp", digest_of(*files)
    if stamp_of(stamp) != digest:
        pip_install("Installing Python packages (first time: about a minute)", *files)
        stamp.write_text(digest)


def pip_install(sentence: str, *files: Path) -> None:
    options = [option for file in files for option in ("-r", file)]
    step(sentence, PYTHON, "-m", "pip", "--no-input", "install", "--require-hashes", "--progress-bar=off", *options)


def install_browser_libraries(tests: bool = False) -> None:
    """Have npm unpack the packages of package-lock.json unless they are there; `tests` adds those for tests only."""
    digest = digest_of(BASE_DIR / "package.json", BASE_DIR / "package-lock.json")
    wanted = f"{digest} and for tests" if tests else digest
    stamp = NODE_MODULES / "libraries.stamp"  # npm empties the folder first, and the stamp goes with it.
    if not stamp_of(stamp).startswith(wanted):  # An installation for tests serves too.
        npm = shutil.which("npm") or npm_from_pypi()
        which = "--include=dev" if tests else "--omit=dev"
        # Without a network, npm itself would wait more than a minute in silence.
        patience = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
        step("Installing browser libraries", npm, "ci", which, "--ignore-scripts", "--no-audit", "--no-fund", *patience)
        stamp.write_text(wanted)


def npm_from_pypi() -> Path:
    pip_install("Installing npm, which this machine lacks (60 MB)", BASE_DIR / "requirements" / "npm.txt")
    return PROGRAMS / f"npm{EXE}"


def digest_of(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def stamp_of(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


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
    with contextlib.ExitStack() as others:
        sender: subprocess.Popen[str] | None = None
        while server.poll() is None:
            is_running = sender is not None and sender.poll() is None
            if wanted.exists() and not is_running and time.monotonic() - started >= UPLOADS_AGAIN_S:
                command = (PYTHON, "manage.py", "send_uploads", "--while-any")
                sender, started = others.enter_context(program(*command, env=environment)), time.monotonic()
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
    install("dev")
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
