"""The configuration of an installation as lines of JSON: `manage.py export` writes them, `manage.py import` reads them.

The first line says what the file is. Each further line is one object (`kind`, `key`, `data`), a piece of an inventory,
a role that somebody holds, or what could be linked only once everything is there (`late`). Objects are named by their
natural keys, so that a file fits any installation.
"""
