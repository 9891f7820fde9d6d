"""Deeds of the commands here, told to the app that writes them down: it is above this one."""

from django.dispatch import Signal

# Sent with `deed`, a few words, and `details` within the transaction of the deed. An error of a receiver undoes it.
done = Signal()
