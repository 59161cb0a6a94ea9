"""What can be done with one template or job beside reading and writing it."""

from .callback import CallbackView
from .children import ChildrenSummaryView
from .launch import LaunchView
from .relaunch import RelaunchCommandView, RelaunchJobView
from .retry import RetryPolicyView
from .schedule import CreateScheduleView
from .survey import SurveyView
from .webhook import ReceiverView, WebhookKeyView, receiver

__all__ = [
    "CallbackView",
    "ChildrenSummaryView",
    "CreateScheduleView",
    "LaunchView",
    "ReceiverView",
    "RelaunchCommandView",
    "RelaunchJobView",
    "RetryPolicyView",
    "SurveyView",
    "WebhookKeyView",
    "receiver",
]
