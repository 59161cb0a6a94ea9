"""The metrics of the parts that run jobs, by node, under AWX's names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Count

from apps.instances.models import Instance
from apps.unified import meters
from apps.unified.models import UnifiedJob

from .metrics import Metric

MEASURED = {
    "callback_receiver_batch_events_errors": "Times that events could not be stored as they were",
    "callback_receiver_batch_events_insert_db": "Batches of events stored",
    "callback_receiver_events_insert_db": "Events stored",
    "callback_receiver_events_insert_db_seconds": "Seconds spent with storing events",
    "task_manager__schedule_calls": "Passes of the dispatcher",
    "task_manager__schedule_seconds": "Seconds that its last pass took",
    "task_manager_recorded_timestamp": "When its last pass ended",
    "task_manager_tasks_started": "Jobs that it started",
    "workflow_manager__schedule_calls": "Steps of workflows",
    "workflow_manager__schedule_seconds": "Seconds that the last step took",
    "workflow_manager_recorded_timestamp": "When the last step ended",
}
ACTIVE, LARGEST = "dispatcher_pool_active_task_count", "dispatcher_pool_max_worker_count"
# parts of AWX that awx_lite has no counterpart for: dashboards made for AWX find them, at zero
ABSENT = (
    "callback_receiver_event_processing_avg_seconds",
    "callback_receiver_events_broadcast",
    "callback_receiver_events_in_memory",
    "callback_receiver_events_popped_redis",
    "callback_receiver_events_queue_size_redis",
    "dependency_manager__schedule_calls",
    "dependency_manager__schedule_seconds",
    "dependency_manager_generate_dependencies_seconds",
    "dependency_manager_get_tasks_seconds",
    "dependency_manager_pending_processed",
    "dependency_manager_recorded_timestamp",
    "dispatcher_availability",
    "dispatcher_pool_scale_up_events",
    "subsystem_metrics_pipe_execute_calls",
    "subsystem_metrics_pipe_execute_seconds",
    "subsystem_metrics_send_metrics_seconds",
    "task_manager_commit_seconds",
    "task_manager_get_tasks_seconds",
    "task_manager_pending_processed",
    "task_manager_process_pending_tasks_seconds",
    "task_manager_process_running_tasks_seconds",
    "task_manager_running_processed",
    "task_manager_start_task_seconds",
    "task_manager_tasks_blocked",
    "workflow_manager_get_tasks_seconds",
    "workflow_manager_spawn_workflow_graph_jobs_seconds",
)


def collect(names: Collection[str] = (), nodes: Collection[str] = ()) -> Iterator[Metric]:
    """All of them with a sample a node, or those of some names and nodes."""
    instances = dict(Instance.objects.order_by("hostname").values_list("hostname", "capacity"))
    found = meters.read()
    known = sorted({*instances, *(node for samples in found.values() for node in samples)})
    shown = [node for node in known if not nodes or node in nodes]
    running = UnifiedJob.objects.non_polymorphic().filter(status="running").order_by().values_list("execution_node")
    found[ACTIVE] = {node: float(number) for node, number in running.annotate(n=Count("pk"))}
    found[LARGEST] = {node: float(capacity) for node, capacity in instances.items()}
    texts = MEASURED | {ACTIVE: "Jobs that run", LARGEST: "Capacity in forks"}
    texts |= dict.fromkeys(ABSENT, "A part of AWX that this server does without")
    for name in sorted(texts):
        if not names or name in names:
            samples = [({"node": node}, found.get(name, {}).get(node, 0.0)) for node in shown]
            yield Metric(name, texts[name], samples)
