"""What people did: audit.deeds.record() writes it down, in the transaction of the deed."""
