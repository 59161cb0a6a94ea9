"""What is done with job templates and jobs: launch, relaunch, callbacks, webhooks, the demo template."""

from .demo import preload
from .launching import LaunchRefused, launch, launch_ad_hoc
from .prompts import Reading, read_prompts
from .relaunching import relaunch, retry_hosts

__all__ = [
    "LaunchRefused",
    "Reading",
    "launch",
    "launch_ad_hoc",
    "preload",
    "read_prompts",
    "relaunch",
    "retry_hosts",
]
