"""Fetch MicroPython for boards from its own download site, once."""

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from tqdm import tqdm

from firmware.micropython.download import DownloadError, fetch_file
from firmware.micropython.image_file import MAX_BYTES, ImageError, ImageFacts, inspect
from firmware.models import MicroPythonImage
from firmware.models.image import DEFAULT_BOARD, TooManyImagesError
from freetemp.command import BaseCommand

# The site publishes no checksums, so an image is checked by its length, its own MD5, its chip and its version.
SITE = "https://micropython.org/resources/firmware"
VERSION, RELEASED = "1.28.0", "20260406"
MAX_S = 600.0

ELSEWHERE = (
    "Without internet, download {url} on another computer, and upload it in the admin under MicroPython images or name "
    "it with flash_station --micropython."
)


class Command(BaseCommand):
    help = f"Download MicroPython {VERSION} for boards, check it, and keep it, with a copy in VAR_DIR/firmware."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--board", default=DEFAULT_BOARD, help="MicroPython's name for it (%(default)s).")
        parser.add_argument("--url", help="Another address of an image.")

    def handle(self, *args: Any, **options: Any) -> None:
        board = options["board"]
        if not re.fullmatch("[A-Za-z0-9_-]{1,60}", board):
            raise CommandError(f"{board!r} is not a board: MicroPython calls them like {DEFAULT_BOARD}.")
        url = options["url"] or f"{SITE}/{board}-{RELEASED}-v{VERSION}.bin"
        there = None if options["url"] else MicroPythonImage.objects.filter(board=board, version=VERSION).first()
        if there is not None and there.is_there:
            self.stdout.write(f"{there} is there already: {there.copied()}")
            return
        try:
            image = self.fetch(url, board, "" if options["url"] else VERSION)
        except DownloadError as error:
            raise CommandError(f"{error} {ELSEWHERE.format(url=url)}") from error
        except TooManyImagesError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error}. Once that is mended, run this again.") from error
        self.stdout.write(f"{image}: {image.copied()}, {image.size:,} bytes, SHA-256 {image.sha256}")

    def fetch(self, url: str, board: str, version: str) -> MicroPythonImage:
        folder = MicroPythonImage.objects.folder()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{hashlib.sha256(url.encode(errors='replace')).hexdigest()[:16]}.part"
        with tqdm(desc="Fetching MicroPython", unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

            def show(there: int, total: int | None) -> None:
                bar.total = total
                bar.update(there - bar.n)

            length = fetch_file(url, part, max_bytes=MAX_BYTES, max_s=MAX_S, progress=show)
        try:
            facts = check(part, length, version)
        except ImageError as error:
            part.unlink()
            raise CommandError(
                f"The download from {url} {error}: run this again, or give another with --url."
            ) from error
        return MicroPythonImage.objects.take(part, facts, board)


def check(part: Path, length: int | None, version: str) -> ImageFacts:
    """Return the facts of a downloaded image. Raises ImageError unless it is certainly whole and the right one."""
    facts = inspect(part.read_bytes())
    if not facts.version:
        raise ImageError("is an image, but not MicroPython")
    if version and facts.version != version:
        raise ImageError(f"is MicroPython {facts.version} and not {version}")
    if length is None and not facts.has_own_md5:
        raise ImageError("may not be whole, since neither it nor the server tells its length")
    return facts
