#!/usr/bin/env bash
# bulk_create(ignore_conflicts=True) on SQLite also drops rows that break a CheckConstraint, and NaN, without a word.
#
# One would guess: only rows that are there already are left out; a value outside a constraint's limits raises
#   IntegrityError, as create() does.
# In fact: on SQLite Django says INSERT OR IGNORE, which passes over rows that break UNIQUE, CHECK or NOT NULL alike.
#   SQLite stores NaN as NULL, so a NaN is dropped too. The answer lists all the objects, and is no help in counting.
# Met by: an import of readings that leaves repeats to the database. Spikes and sensor errors vanish where they should
#   be reported. PostgreSQL raises for the same rows: its ON CONFLICT DO NOTHING knows conflicts only.
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
