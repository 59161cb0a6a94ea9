"""The tests of awx_lite: they run on a real PostgreSQL and a real Valkey."""
