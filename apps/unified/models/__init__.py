"""Templates and jobs of every kind, what they are linked to, their processes, events and schedules."""

from apps.unified.events_models import (
    AdHocCommandEvent,
    InventoryUpdateEvent,
    JobEvent,
    ProjectUpdateEvent,
    SystemJobEvent,
)

from .job import ACTIVE, FINISHED, JOB_STATUSES, LAUNCH_TYPES, RUNNABLE, UnifiedJob
from .process import JobProcess
from .template import TEMPLATE_STATUSES, TemplateInstanceGroup, UnifiedJobTemplate

# isort: split
from apps.unified.prompts import JobLaunchConfig, JobLaunchConfigInstanceGroup
from apps.unified.schedules.models import Schedule, ScheduleInstanceGroup

__all__ = [
    "ACTIVE",
    "FINISHED",
    "JOB_STATUSES",
    "LAUNCH_TYPES",
    "RUNNABLE",
    "TEMPLATE_STATUSES",
    "AdHocCommandEvent",
    "InventoryUpdateEvent",
    "JobEvent",
    "JobLaunchConfig",
    "JobLaunchConfigInstanceGroup",
    "JobProcess",
    "ProjectUpdateEvent",
    "Schedule",
    "ScheduleInstanceGroup",
    "SystemJobEvent",
    "TemplateInstanceGroup",
    "UnifiedJob",
    "UnifiedJobTemplate",
]
