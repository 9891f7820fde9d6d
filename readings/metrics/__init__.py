"""The newest values for Prometheus: names, the text format, and the view."""
