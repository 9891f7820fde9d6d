"""The command that a simulated station has in place of a board."""


def simulation_command(pk: int) -> str:
    """Return the command that plays the board of the simulated station with this number, on this computer."""
    return f"python manage.py simulate_station {pk}"
