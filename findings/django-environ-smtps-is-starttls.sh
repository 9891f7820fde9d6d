#!/usr/bin/env bash
# django-environ reads smtps:// as STARTTLS, which is not what smtps means.
#
# One would guess: smtps://mail.example is SMTP within TLS from the first byte on, at port 465, as https is to http.
# In fact: it is the same as smtp+tls://, which sets EMAIL_USE_TLS, and that is Django's STARTTLS: a greeting in plain text
#   first. Only smtp+ssl:// sets EMAIL_USE_SSL. Without a port in the address EMAIL_PORT is None in each case.
# Met by: whoever copies the smtps:// address of a mail provider whose port 465 expects TLS from the first byte.
# Seen with: django-environ 0.14.0.
source "$(dirname "$0")/common.sh"

from_pypi django-environ==0.14.0

cat >schemes.py <<'PROGRAM'
from environ import Env

for scheme in ("smtp", "smtps", "smtp+tls", "smtp+ssl"):
    found = Env.email_url_config(f"{scheme}://mail.example")
    print(scheme, {name: found.get(name) for name in ("EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL")})
PROGRAM

prints python schemes.py <<'SEEN'
smtp {'EMAIL_PORT': None, 'EMAIL_USE_TLS': None, 'EMAIL_USE_SSL': None}
smtps {'EMAIL_PORT': None, 'EMAIL_USE_TLS': True, 'EMAIL_USE_SSL': None}
smtp+tls {'EMAIL_PORT': None, 'EMAIL_USE_TLS': True, 'EMAIL_USE_SSL': None}
smtp+ssl {'EMAIL_PORT': None, 'EMAIL_USE_TLS': None, 'EMAIL_USE_SSL': True}
SEEN
