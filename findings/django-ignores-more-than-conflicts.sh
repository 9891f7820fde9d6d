#!/usr/bin/env bash
# bulk_create(ignore_conflicts=True) on SQLite also silently drops NaN and rows that break a CheckConstraint.
#
# One would guess: only rows that are already there are left out. A value outside a constraint's limits raises
#   IntegrityError, as with create().
# In fact: on SQLite, Django uses INSERT OR IGNORE, which skips rows that break UNIQUE, CHECK or NOT NULL alike. SQLite
#   stores NaN as NULL, so a NaN is dropped too. The result lists all the objects, so it does not help to count.
# Met by: an import of readings that leaves repeats to the database. Spikes and sensor errors vanish instead of being
#   reported. PostgreSQL raises an error for the same rows: its ON CONFLICT DO NOTHING ignores only conflicts.
# Seen with: Django 5.2.19, SQLite 3.40.1.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19

cat >readings.py <<'PROGRAM'
import django
from django.conf import settings
from django.db import IntegrityError, connection, models

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()


class Reading(models.Model):
    minute = models.IntegerField(unique=True)
    celsius = models.FloatField()

    class Meta:
        app_label = "weather"
        constraints = [models.CheckConstraint(name="plausible", condition=models.Q(celsius__range=(-90, 60)))]


with connection.schema_editor() as editor:
    editor.create_model(Reading)
for wrong in (999.0, float("nan")):
    try:
        Reading.objects.create(minute=0, celsius=wrong)
    except IntegrityError as error:
        print("create:", error)
values = [21.5, 999.0, float("nan"), 21.6]
answer = Reading.objects.bulk_create(
    [Reading(minute=minute, celsius=value) for minute, value in enumerate(values)], ignore_conflicts=True
)
print("bulk_create answers", len(answer), "objects; stored:", list(Reading.objects.values_list("celsius", flat=True)))
PROGRAM

prints python readings.py <<'SEEN'
create: CHECK constraint failed: plausible
create: NOT NULL constraint failed: weather_reading.celsius
bulk_create answers 4 objects; stored: [21.5, 21.6]
SEEN
