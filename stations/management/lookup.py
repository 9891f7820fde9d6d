"""Finding a station by what somebody typed after a command."""

from django.core.management import CommandError

from stations.models import Station

NAMED = 5  # So many stations fit into a sentence.


def find_station(text: str) -> Station:
    """Return the station with this number or name."""
    try:
        return Station.objects.find(text)
    except Station.DoesNotExist as error:
        raise CommandError(f"There is no station “{text}”: {_there_are()}") from error


def _there_are() -> str:
    """Return what to type instead: some of the stations, with their numbers."""
    known = [f"{number} {name}" for number, name in Station.objects.order_by("pk").values_list("pk", "name")]
    if not known:
        return "there are none yet. Add one in the admin, or with `python manage.py add_station`."
    more = f", and {len(known) - NAMED} more in the admin" if len(known) > NAMED else ""
    return f"give its number or its name. There {'is' if len(known) == 1 else 'are'} {', '.join(known[:NAMED])}{more}."
