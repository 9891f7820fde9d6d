from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, models


class Person(models.Model):
    """What is known of an account's owner beside Django's user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    language = models.CharField(max_length=10, help_text="That of the pages at the last login. Mails are in it.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


def language_of(user: User) -> str | None:
    return Person.objects.filter(user=user).values_list("language", flat=True).first()


def remember_language(user: User, language: str | None) -> None:
    """Keep the language that an account's owner reads, if it is another one than before and can be written."""
    if language and language_of(user) != language:
        try:
            Person.objects.update_or_create(user=user, defaults={"language": language})
        except OperationalError:
            return  # The disk is full: it is kept at a later login.
