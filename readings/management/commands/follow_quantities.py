"""Sum readings up by the quantities of their fields, where an earlier freetemp has averaged them."""

import sys
from typing import Any

from tqdm import tqdm

from freetemp.command import BaseCommand
from readings.models import Pending
from readings.rollups.first_quantities import give_quantities
from readings.rollups.pending import follow_pending

BAR = "{l_bar}{bar}| {elapsed}"


class Command(BaseCommand):
    help = (
        "Give each field of an earlier freetemp its quantity, and make the summaries anew that have to follow: rain is "
        "a sum, and a direction has no mean. prepare does it, and so does a server when it starts. Boards may report "
        "meanwhile, and it may be interrupted: the next time it goes on."
    )

    def handle(self, **options: Any) -> None:
        for sentence in give_quantities():
            self.stdout.write(sentence)
        if Pending.objects.exists():
            with tqdm(total=1.0, desc="Summing up", bar_format=BAR, file=sys.stderr, disable=None) as bar:
                follow_pending(progress=bar.update)
