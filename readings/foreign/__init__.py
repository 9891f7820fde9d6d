"""Reports of other makers' devices: each format is a module without a database, behind one base of views."""
