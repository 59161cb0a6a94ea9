"""One automation from the look round to the report, as a plain HTTP client: of awx_lite or of any AWX.

Nothing here needs Django or a database, so `python -m apps.portability.flow` runs anywhere.
"""
