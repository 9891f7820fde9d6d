"""Who is told, of what, and what was told."""

from alerts.admin import history, recipients, rules

__all__ = ["history", "recipients", "rules"]
