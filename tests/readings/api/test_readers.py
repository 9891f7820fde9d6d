"""What the documentation has Grafana and Home Assistant ask for is there, in the shape that they take."""

import json
import re

import pytest
import yaml
from django.utils import timezone
from jinja2.sandbox import ImmutableSandboxedEnvironment

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.server import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def roof(station):
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="rain", unit="mm")
    station.fields.create(number=4, name="wind direction", unit="deg")
    now_ms = to_millis(timezone.now())
    rows = [Measurement(number, now_ms - n * 60_000, 20.0 + n) for number in (1, 2, 3, 4) for n in range(5)]
    ingest.store(station, rows)
    Station.objects.update(last_heard_at=timezone.now())
    return station


def series(client, station, **query):
    return client.get(f"/api/v1/stations/{station.pk}/series/", query).json()


@pytest.mark.parametrize("field", [1, 3, 4])
def test_rows_are_the_columns_moment_by_moment(client, roof, field):
    columns, rows = (series(client, roof, field=field, end=timezone.now().timestamp(), rows=each) for each in (0, 1))
    names = [name for name, column in columns.items() if isinstance(column, list) and name != "corrections"]
    assert rows["rows"]
    assert {name: [row[name] for row in rows["rows"]] for name in names} == {name: columns[name] for name in names}
    assert rows.keys() ^ columns.keys() == {"rows", *names}


def test_packed_rows_are_refused(client, roof):
    answer = client.get(f"/api/v1/stations/{roof.pk}/series/?rows=1&packed=1")
    assert (answer.status_code, list(answer.json())) == (400, ["rows"])


# What the dashboard's JSONata selects; the selectors themselves were run with jsonata 2.
SUMS = ["rain_amount", "rain_counter", "lightning_count"]
SELECTED = {
    "": lambda answer: answer,
    "rows": lambda answer: answer["rows"],
    f"[fields[$not(quantity in {json.dumps(SUMS)})]]": lambda answer: [
        field for field in answer["fields"] if field["quantity"] not in SUMS
    ],
    f"[fields[quantity in {json.dumps(SUMS)}]]": lambda answer: [
        field for field in answer["fields"] if field["quantity"] in SUMS
    ],
}


def queries(dashboard):
    yield from (each["query"]["infinityQuery"] for each in dashboard["templating"]["list"][1:])
    yield from (target for panel in dashboard["panels"] for target in panel["targets"])


def test_every_query_of_grafanas_dashboard_finds_its_columns(client, roof):
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    now = timezone.now().timestamp()
    values = {"station": roof.pk, "field": 1, "sum": 3, "__from:date:seconds": now - 3600, "__to:date:seconds": now}
    asked = list(queries(dashboard))
    assert len(asked) == 5
    for query in asked:
        parameters = {each["key"]: filled(each["value"], values) for each in query["url_options"].get("params", [])}
        answer = client.get(filled(query["url"], values), parameters).json()
        rows = SELECTED[query["root_selector"]](answer)
        assert rows
        for column in query["columns"]:
            assert all(column["selector"] in row for row in rows), column


def filled(text, values):
    return re.sub(r"\$\{([^}]+)\}", lambda found: str(values[found[1]]), text)


def sensors():
    page = (ROOT / "docs" / "home-assistant.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (resource,) = yaml.safe_load(block)["rest"]
    return resource["resource"], resource["sensor"]


def shown(answer, sensor):
    """Return a sensor's state as Home Assistant finds it, or None where it is unavailable."""
    templates = ImmutableSandboxedEnvironment()
    try:
        given = {"value": answer.text, "value_json": answer.json()}
    except ValueError:
        given = {"value": answer.text}
    if templates.from_string(sensor["availability"]).render(given) != "True":
        return None
    return templates.from_string(sensor["value_template"]).render(given)


def test_home_assistants_templates_find_the_newest_values(client, roof):
    resource, found = sensors()
    assert resource.endswith("/api/v1/stations/3/")
    assert [shown(client.get(f"/api/v1/stations/{roof.pk}/"), sensor) for sensor in found] == ["20.0", "20.0"]
    Station.objects.update(last_heard_at=None)
    assert shown(client.get(f"/api/v1/stations/{roof.pk}/"), found[0]) is None


def test_no_error_holds_what_a_template_takes_for_a_reading(client, roof):
    address = f"/api/v1/stations/{roof.pk}/"
    errors = [client.get("/api/v1/stations/99999/"), client.delete(address), client.get(address, headers={"host": "x"})]
    errors.append(client.get(f"{address}series/?points=x"))
    assert [error.status_code for error in errors] == [404, 405, 400, 400]
    for error in errors:
        assert not re.search(r'"(?:fields|status|newest|value|rows|time|mean)"', error.text)
        assert all(shown(error, sensor) is None for sensor in sensors()[1])
