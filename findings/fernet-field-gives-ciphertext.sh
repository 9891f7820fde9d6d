#!/usr/bin/env bash
# django-fernet-encrypted-fields returns the ciphertext as the value after a change of key, and then encrypts it again.
#
# One would guess: a value that the present key cannot decrypt raises an error when it is read, as with Fernet itself.
# In fact: a text field silently reads as its ciphertext, longer than its max_length. Saving the object encrypts that
#   ciphertext again, so the old key no longer helps. (A field of numbers does raise an error, but for another reason:
#   ciphertext is not a number.) The key comes from SECRET_KEY and SALT_KEY together.
# Met by: a server restored without its .env, or with a new SECRET_KEY. The WiFi password that goes onto a board is then
#   100 characters of base64.
# Seen with: django-fernet-encrypted-fields 0.4.0, cryptography 50.0.2, Django 5.2.19.
source "$(dirname "$0")/common.sh"

from_pypi django-fernet-encrypted-fields==0.4.0 cryptography==50.0.2 django==5.2.19

cat >project.py <<'PROGRAM'
"""Read the network's password with the key that the first argument names; make or save it as the second one says."""
import sys

import django
from django.conf import settings
from django.db import connection, models

settings.configure(
    SECRET_KEY=f"the {sys.argv[1]} key, long enough to be one",
    SALT_KEY="a salt",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "wifi.sqlite3"}},
)
django.setup()

from encrypted_fields.fields import EncryptedCharField


class Network(models.Model):
    password = EncryptedCharField(max_length=63)

    class Meta:
        app_label = "wifi"


if sys.argv[2] == "make":
    with connection.schema_editor() as editor:
        editor.create_model(Network)
    Network.objects.create(password="rain-or-shine")
network = Network.objects.get()
shown = network.password if len(network.password) < 63 else network.password[:6] + "..."
print(f"{sys.argv[1]} key: {shown}, {len(network.password)} characters")
if sys.argv[2] == "save":
    network.save()
PROGRAM

a_change_of_key() {
    python project.py old make
    python project.py new read
    echo "back with the old key, nothing saved meanwhile:"
    python project.py old read
    python project.py new save
    echo "back with the old key, saved meanwhile:"
    python project.py old read
}

prints a_change_of_key <<'SEEN'
old key: rain-or-shine, 13 characters
new key: gAAAAA..., 100 characters
back with the old key, nothing saved meanwhile:
old key: rain-or-shine, 13 characters
new key: gAAAAA..., 100 characters
back with the old key, saved meanwhile:
old key: gAAAAA..., 228 characters
SEEN
