"""The shapes of requests and answers while a board is flashed from elsewhere."""

from typing import Any

from rest_framework import serializers

from stations.validators import validate_mac


class FactsSerializer(serializers.Serializer[Any]):
    """The facts of the station."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    mac = serializers.CharField(allow_null=True, help_text="Null until the station has a board.")
    simulated = serializers.BooleanField(help_text="Simulated stations have no board to flash.")


class MacSerializer(serializers.Serializer[Any]):
    """The board that becomes the station's."""

    mac = serializers.CharField(max_length=40, validators=[validate_mac])
    replace = serializers.BooleanField(default=False, help_text="Take the place of the station's present board.")
    check = serializers.BooleanField(default=False, help_text="Ask whether it may, and change nothing.")


class BundleQuery(serializers.Serializer[Any]):
    """The board and the server address for which the files are made."""

    server_url = serializers.CharField(
        max_length=200,
        allow_null=True,
        default=None,
        help_text="Where the board reports; the server's own unless given.",
    )
    mac = serializers.CharField(
        max_length=40,
        allow_null=True,
        default=None,
        validators=[validate_mac],
        help_text="The board's address; the station's unless given. It becomes the station's by mac/ only.",
    )


class BundleSerializer(serializers.Serializer[Any]):
    """The board's files, with a key that was issued for them."""

    key_id = serializers.IntegerField(help_text="The key's number: reported/ asks whether it has been used.")
    files = serializers.DictField(child=serializers.CharField(), help_text="Path on the board to content in base64.")


class ReportedQuery(serializers.Serializer[Any]):
    key_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class ReportedSerializer(serializers.Serializer[Any]):
    reported = serializers.BooleanField(help_text="Whether a first reading has been stored with the key.")


class ImageSerializer(serializers.Serializer[Any]):
    """The newest MicroPython that the server has for the board."""

    board = serializers.CharField()
    version = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField(help_text="In hex; image/<sha256>/ has the bytes.")


class RefusalSerializer(serializers.Serializer[Any]):
    """The reason for a refusal, as a sentence with the next thing to try."""

    detail = serializers.CharField()
    code = serializers.CharField(required=False, help_text="`other_board`, or `not_ready`.")
