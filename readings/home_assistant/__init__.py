"""Newest values on an MQTT broker, announced so that Home Assistant finds them."""
