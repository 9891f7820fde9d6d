"""A URLconf that names another view for batches."""

from django.urls import path
from rest_framework.response import Response

from freetemp import urls
from readings.ingest.board_view import BoardView


class AnotherView(BoardView):
    permission_classes = []
    http_method_names = ["post"]

    def perform_authentication(self, request):
        """This view needs no authentication."""

    def post(self, request):
        return Response("another view")


urlpatterns = [path("api/v1/readings/", AnotherView.as_view()), *urls.urlpatterns]
