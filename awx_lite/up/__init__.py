"""The launcher: everything that awx_lite needs on one machine, started and watched by one process."""
