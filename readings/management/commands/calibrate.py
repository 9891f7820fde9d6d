"""Write into the ledger which sensor hung, and how its values are corrected."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, CommandParser

from freetemp.fields import from_millis, now_millis
from readings.calendar.span import Span
from readings.files.import_tally import counted
from readings.files.removal import Wanted, look_up
from readings.management.span_command import SpanCommand, by, sentences
from readings.models import Sensor
from readings.models.counted import Calibration
from readings.models.sensor import formula
from readings.rollups.rebuild import GoneError
from readings.treatment import add_sensor, correction, undo
from readings.treatment.effects import TreatmentError
from readings.treatment.ledger import check_correction
from stations.management.lookup import find_station


class Command(SpanCommand):
    help = (
        "Write down which sensor hung for a field from when on, and how its values are corrected: value * factor + "
        "offset, or by two points, each what the sensor showed and what was true. Raw readings stay as they are. "
        "Without --sensor it lists the ledger."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("--field", help="The field's name or number.")
        parser.add_argument("--sensor", metavar="NAME", help="What hung, like BME280.")
        parser.add_argument("--serial", default="", help="Its serial number.")
        parser.add_argument("--note", default="", help="Anything else.")
        self.add_span(parser, "from now on", "until further notice")
        parser.add_argument("--factor", type=float, help="Values are multiplied by it (1).")
        parser.add_argument("--offset", type=float, help="Then it is added (0).")
        parser.add_argument(
            "--point",
            nargs=2,
            type=float,
            action="append",
            metavar=("SHOWN", "TRUE"),
            help="Instead: one, or two.",
        )
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="Take an entry of the list back.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and write nothing.")

    def handle(self, *args: Any, station: str, sensor: str | None, dry_run: bool, **options: Any) -> None:
        self.station = find_station(station)
        if options["undo"] is not None:
            self.take_back(options["undo"])
        elif sensor is None:
            self.list(options["field"])
        else:
            self.write(sensor, dry_run=dry_run, **options)

    def write(self, sensor: str, *, dry_run: bool, **options: Any) -> None:
        if options["field"] is None:
            raise CommandError("Say which field the sensor measures: --field temperature.")
        field = self.fields(options["field"])[0]
        span = self.span(**options)
        span = Span(now_millis() if options["start"] is None else span.start_ms, span.end_ms)
        with sentences(TreatmentError, GoneError):
            factor, offset = self.correction(**options)
            check_correction(factor, offset)
            self.stdout.write(f"{field.name}: {formula(factor, offset)}")
            for found in look_up([field], Wanted(span)):
                low, high = sorted(Calibration(span, factor, offset).of(each) for each in (found.low, found.high))
                count = counted(found.count, "reading")
                self.stdout.write(
                    f"{count} from {found.low:g} to {found.high:g} {field.unit}, corrected from {low:.6g} to {high:.6g}"
                )
            if dry_run:
                self.stdout.write("Nothing was written.")
                return
            about = {"serial": options["serial"], "note": options["note"]}
            entry = add_sensor(self.station, field.number, span, sensor, by(), factor=factor, offset=offset, **about)
        back = f"`python manage.py calibrate {self.station.pk} --undo {entry.pk}` takes it back."
        self.stdout.write(f"Written as number {entry.pk}. {back}")
        self.follow()

    def correction(self, **options: Any) -> tuple[float, float]:
        factor, offset, points = options["factor"], options["offset"], options["point"]
        if points is None:
            return 1.0 if factor is None else factor, 0.0 if offset is None else offset
        if factor is not None or offset is not None:
            raise CommandError("--point gives factor and offset: leave those out.")
        return correction([tuple(each) for each in points])

    def list(self, asked: str | None) -> None:
        zone, fields = self.station.zone, {field.number: field for field in self.fields(asked)}
        entries = Sensor.objects.active().filter(station=self.station, field__in=fields).order_by("field", "start")
        for each in entries:
            start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "today" for at in (each.start, each.end))
            serial = f" {each.serial}" if each.serial else ""
            note = f" ({each.note})" if each.note else ""
            how = f": {formula(each.factor, each.offset)}" if each.corrects else ""
            name = fields[each.field].name
            self.stdout.write(f"{each.pk}: {name}, {each.model}{serial}{note}, {start} to {end} ({zone.key}){how}")
        if not entries:
            self.stdout.write(f"The ledger of {self.station} has no sensor yet: --sensor writes one.")

    def take_back(self, number: int) -> None:
        entry = Sensor.objects.active().filter(station=self.station, pk=number).first()
        if entry is None:
            raise CommandError(f"The ledger of {self.station} has no entry {number}: without --undo it is listed.")
        since = from_millis(entry.span.start_ms).astimezone(self.station.zone)
        self.kept(entry.span)
        with sentences(TreatmentError):
            undo(entry, by())
        self.follow()
        self.stdout.write(f"Taken back: {entry.model}, from {since:%Y-%m-%d %H:%M}.")
