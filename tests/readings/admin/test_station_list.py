"""The admin's list of stations shows each one's last day, and leads to its charts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

URL = "/admin/stations/station/"


def fill(station, *values, hours_ago=3):
    now = timezone.now()
    moments = [to_millis(now - timedelta(hours=hours_ago - n)) for n in range(len(values))]
    ingest.store(station, [Measurement(1, at, value) for at, value in zip(moments, values, strict=True)])


def test_a_row_has_the_last_day_as_a_line_that_leads_to_the_charts(keeping, station):
    fill(station, 12.5, 18.0, 15.0)
    row = keeping.get(URL).content.decode()
    assert f'<a class="last-day" href="/stations/{station.pk}/">' in row
    assert "<svg" in row
    assert "12.5 to 18.0\N{NARROW NO-BREAK SPACE}°C" in row


def test_a_rain_gauge_has_bars_and_their_sum(keeping, station):
    station.fields.update(name="rain", unit="mm", quantity="rain_amount")
    fill(station, 1.0, 0.0, 2.5)
    row = keeping.get(URL).content.decode()
    assert '<path class="bars"' in row
    assert "3.5\N{NARROW NO-BREAK SPACE}mm" in row


def test_a_station_without_readings_in_the_last_day_still_leads_to_its_charts(keeping, station):
    fill(station, 12.5, hours_ago=50)
    page = keeping.get(URL).content.decode()
    assert "<svg" not in page.partition('id="result_list"')[2].partition("</table>")[0]
    assert f'href="/stations/{station.pk}/"' in page
    assert 'Charts<span class="visually-hidden"> of Garden</span>' in page


def test_a_station_without_any_field_is_listed(keeping, station):
    station.fields.all().delete()
    assert "Garden" in keeping.get(URL).content.decode()


def test_a_late_station_says_how_many_reports_are_missing(keeping, station):
    Station.objects.update(last_heard_at=timezone.now() - timedelta(hours=25))
    assert "1\N{NARROW NO-BREAK SPACE}500 reports missed" in keeping.get(URL).content.decode()
    Station.objects.update(last_heard_at=timezone.now())
    assert "reports missed" not in keeping.get(URL).content.decode()
