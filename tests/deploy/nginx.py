"""The real nginx with the shipped site. Only ports, folders and certificate are the test's own."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Self

from tests.programs import PATIENCE_S, ended
from tests.run import nginx as nginx_program
from tests.server import ROOT, free_port

SITE = ROOT / "deploy" / "nginx-freetemp.conf"
NAME = "freetemp.example"
BEHIND_NGINX = {"SERVER_URL": f"https://{NAME}", "TRUSTED_PROXIES": "127.0.0.1"}  # As docs/deploy.md says.

# The relevant part of Debian's own nginx.conf.
MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/main-error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    access_log {folder}/main-access.log;
    gzip on;
    {temp_paths}
    include {folder}/site.conf;
}}
"""
TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def make_certificate(folder: Path) -> None:
    """Make a self-signed certificate in the place of certbot's real one."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    files = ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "privkey.pem", "-out"]
    subprocess.run([*command, *files, folder / "fullchain.pem"], check=True, capture_output=True)


class Nginx:
    """nginx in a folder of its own, in front of a port on which gunicorn listens or nobody does; use it `with`."""

    def __init__(
        self, folder: Path, upstream_port: int, *, without_tls: bool = False, is_patient: bool = False
    ) -> None:
        self.folder, self.port, self.tls_port = folder, free_port(), free_port()
        site = SITE.read_text()
        if without_tls:  # As docs/deploy.md says: sed '/# TLS$/d'
            site = re.sub(r"^.*# TLS$\n", "", site, flags=re.MULTILINE)
        else:
            make_certificate(folder)
        if is_patient:  # A test that is slow would have its clients given up, and know nothing.
            site = re.sub(r"(client_(?:header|body)_timeout) 20s;", r"\1 600s;", site)
        (folder / "site.conf").write_text(self.at_home(site, upstream_port))
        user = "user root;" if os.geteuid() == 0 else ""  # Its workers would be nobody, whom pytest's folders refuse.
        temp_paths = "\n    ".join(f"{name}_temp_path {folder}/{name};" for name in TEMP_PATHS)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user, temp_paths=temp_paths))

    def at_home(self, site: str, upstream_port: int) -> str:
        """Return the site with this test's ports and folders. Nothing else may differ, or the test proves nothing."""
        for shipped, own in {
            "listen [::]:": "# listen [::]:",
            "listen 80 ": f"listen 127.0.0.1:{self.port} ",
            "listen 443 ": f"listen 127.0.0.1:{self.tls_port} ",
            "127.0.0.1:8000": f"127.0.0.1:{upstream_port}",
            f"/etc/letsencrypt/live/{NAME}": str(self.folder),
            "/var/log/nginx": str(self.folder),
            "/var/www/html": str(self.folder),
        }.items():
            site = site.replace(shipped, own)
        return site

    def __enter__(self) -> Self:
        command = [nginx_program() or "nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"]
        with (self.folder / "stderr.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "stderr.log").read_text()
            assert time.monotonic() < deadline, "nginx does not start"
            time.sleep(0.05)
        return self

    def __exit__(self, *exc: object) -> None:
        ended(self.process)

    def answers(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S, source_address=(source, 0))

    def connect_tls(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        raw = socket.create_connection(("127.0.0.1", self.tls_port), timeout=PATIENCE_S)
        return context.wrap_socket(raw, server_hostname=NAME)

    def send(
        self, request: bytes, *, tls: bool = False, source: str = "127.0.0.1"
    ) -> tuple[int, dict[str, str], bytes]:
        """Send raw bytes on a new connection; return status, headers in lower case and the body."""
        with self.connect_tls() if tls else self.connect(source) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(status.split()[1]), headers | {"size": str(len(answer))}, body

    def logs(self) -> str:
        """Return the content of all of nginx's logs. Read it after nginx's end, which flushes its buffers."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))
