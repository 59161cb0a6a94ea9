"""The few signals by which low floors speak upward; receivers connect in their app's `ready`."""

from django.dispatch import Signal

finished = Signal()  # job=UnifiedJob, after its final status is committed
started = Signal()  # job=UnifiedJob, after it became `running`
password_changed = Signal()  # user=User
rights_changed = Signal()  # nothing sent: grants of any kind changed in this process
settings_changed = Signal()  # keys=frozenset[str]
instances_lost = Signal()  # hostnames=list[str]: instances whose heartbeat is missing from now on
organization_leaving = Signal()  # organization=Organization about to be deleted; receivers return its active jobs
organization_created = Signal()  # organization=Organization, in the transaction that made it through the API
