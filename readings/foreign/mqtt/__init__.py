"""Messages of devices on an MQTT broker: each format is a module without a database, and one program listens."""
