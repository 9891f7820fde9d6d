"""What slows down whoever tries keys."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from freetemp.proxies import client_address


class WrongKeyThrottle(SimpleRateThrottle):
    """Counts wrong keys by address. It is asked after a refusal only: a right key never meets it."""

    scope = "wrong_key"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"wrong-key:{client_address(request)}"
