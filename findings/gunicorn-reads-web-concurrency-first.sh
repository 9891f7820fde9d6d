#!/usr/bin/env bash
# gunicorn ends with a traceback if WEB_CONCURRENCY is no number, even if its configuration file and its options say otherwise.
#
# One would guess: --workers 2, or workers = 2 in the configuration file, takes precedence, since the variable is
#   documented as the default; or a sentence names the variable. An empty variable is none.
# In fact: the variable is read while gunicorn.config is imported, before any option or file. ValueError names the value but
#   not the variable. --version and --help end in the same way.
# Met by: WEB_CONCURRENCY=auto, which Puma takes, in an environment that several programs share, and an empty
#   WEB_CONCURRENCY= in a file of settings.
# Seen with: gunicorn 27.0.1.
source "$(dirname "$0")/common.sh"

from_pypi gunicorn==27.0.1

echo "workers = 2" >settings.conf.py
echo "def application(environ, start_response): pass" >application.py

last_line() {
    for value in 4 auto ""; do
        for options in "--config settings.conf.py --check-config application" "--workers 2 --check-config application" "--version"; do
            # shellcheck disable=SC2086 # These are several words.
            seen=$(WEB_CONCURRENCY=$value gunicorn $options 2>&1) && status=0 || status=$?
            echo "WEB_CONCURRENCY=$value gunicorn $options: $status${seen:+ $(tail -n 1 <<<"$seen")}"
        done
    done
}

prints last_line <<'SEEN'
WEB_CONCURRENCY=4 gunicorn --config settings.conf.py --check-config application: 0
WEB_CONCURRENCY=4 gunicorn --workers 2 --check-config application: 0
WEB_CONCURRENCY=4 gunicorn --version: 0 gunicorn (version 27.0.1)
WEB_CONCURRENCY=auto gunicorn --config settings.conf.py --check-config application: 1 ValueError: invalid literal for int() with base 10: 'auto'
WEB_CONCURRENCY=auto gunicorn --workers 2 --check-config application: 1 ValueError: invalid literal for int() with base 10: 'auto'
WEB_CONCURRENCY=auto gunicorn --version: 1 ValueError: invalid literal for int() with base 10: 'auto'
WEB_CONCURRENCY= gunicorn --config settings.conf.py --check-config application: 1 ValueError: invalid literal for int() with base 10: ''
WEB_CONCURRENCY= gunicorn --workers 2 --check-config application: 1 ValueError: invalid literal for int() with base 10: ''
WEB_CONCURRENCY= gunicorn --version: 1 ValueError: invalid literal for int() with base 10: ''
SEEN
