"""The awx command of awxkit 24.6.1, as people type it: every resource, rights, runs, export and import."""
