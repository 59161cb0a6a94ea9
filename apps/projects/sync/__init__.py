"""The process of a project update: `python -I apps/projects/sync SPEC.json`.

It brings the content of a source to a directory named after its revision, once, and prints what it does. Standard
library only, so that it starts at once. The spec is written by runs.py; the result goes to result.json in the
workspace: {"revision", "playbooks", "inventories"}.
"""
