"""Updates the translators' files with GNU gettext: `python -m tests.words`. docs/languages.md says when."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOMAINS = {"django": ["--extension", "html,py,svg"], "djangojs": ["--domain", "djangojs"]}
# The admin is only in English.
NOT_FOR_VIEWERS = ["node_modules", ".venv", "var", "tests", "benchmarks", "templates/admin"]
OPTIONS = ["--no-location", "--no-wrap", "--no-obsolete", *(f"--ignore={each}" for each in NOT_FOR_VIEWERS)]


def extract(root: Path, language: str) -> None:
    """Add the code's new texts to a language's .po files, and drop those that it no longer has."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "freetemp.settings"}
    for options in DOMAINS.values():
        command = [sys.executable, "manage.py", "makemessages", "--locale", language, *options, *OPTIONS]
        subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)


def main() -> None:
    for folder in (ROOT / "locale").iterdir():
        extract(ROOT, folder.name)
        for file in folder.rglob("*.po"):
            subprocess.run(["msgfmt", "--check-format", "--output-file", file.with_suffix(".mo"), file], check=True)


if __name__ == "__main__":
    main()
