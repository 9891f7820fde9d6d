#!/usr/bin/env bash
# Django's admin keeps a folded fieldset folded around an error, if the field shares its row with another.
#
# One would guess: a fieldset with the class "collapse" is shown unfolded when one of its fields has an error, as it is for a
#   field in a row of its own. Otherwise the page says "Please correct the error below" and shows none.
# In fact: Fieldset.is_collapsible looks for the names of wrong fields among the fieldset's rows. A row of several fields is a
#   tuple, which no name equals, so the error is hidden within a closed <details>.
# Met by: a station's form with latitude, longitude and elevation in one folded row, and a latitude of 91.
# Seen with: Django 5.2.19.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19

cat >folded.py <<'PROGRAM'
import django
from django.conf import settings

settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
django.setup()
from django import forms
from django.contrib.admin.helpers import AdminForm


class Place(forms.Form):
    latitude = forms.FloatField(max_value=90)
    longitude = forms.FloatField(max_value=180)


for fields in (["latitude", "longitude"], [("latitude", "longitude")]):
    form = Place({"latitude": "91", "longitude": "0"})
    assert list(form.errors) == ["latitude"]
    (fieldset,) = AdminForm(form, [("Place", {"fields": fields, "classes": ["collapse"]})], {})
    print(fields, "stays folded:", fieldset.is_collapsible)
PROGRAM

prints python folded.py <<'SEEN'
['latitude', 'longitude'] stays folded: False
[('latitude', 'longitude')] stays folded: True
SEEN
