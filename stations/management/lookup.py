"""Finding a station by what somebody typed after a command."""

from django.core.management import CommandError

from stations.models import Station


def find_station(text: str) -> Station:
    """Return the station with this number or name."""
    try:
        return Station.objects.find(text)
    except Station.DoesNotExist as error:
        raise CommandError(f"There is no station “{text}”: give its number or its name.") from error
