"""Why a single sign-on fails, as a sentence for the person and a line for the log. Neither has a text of others."""

from __future__ import annotations


class RefusedError(Exception):
    """Somebody does not come in by the single sign-on. The message is a sentence in the page's language.

    `why` is for the log, if the provider has named somebody or refused to.
    """

    def __init__(self, sentence: str, status: int, *, why: str = "", groups: tuple[str, ...] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.why = why
        self.groups = groups  # Those that the provider sent, for whoever has to write a rule.


class ProviderError(Exception):
    """The provider does not answer, or not as OpenID Connect says. The message is for the log."""
