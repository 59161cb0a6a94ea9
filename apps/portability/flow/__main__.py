"""`python -m apps.portability.flow --url https://awx.example.com --token … --template NAME`."""

from __future__ import annotations

import argparse
import os
import sys

from .client import Client
from .main import perform
from .options import add_arguments, add_server_arguments

parser = argparse.ArgumentParser(
    prog="automation_flow",
    description="Checks, syncs, launches, follows, retries, reports; exits with the job's result.",
)
add_server_arguments(parser, "http://127.0.0.1:8080")
add_arguments(parser)
given = vars(parser.parse_args())
client = Client(
    given["url"],
    token=given["token"],
    user=given["username"],
    password=os.environ.get("CONTROLLER_PASSWORD", ""),
    verify=not given["insecure"],
)
sys.exit(perform(client, given))
