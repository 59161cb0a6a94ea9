"""How many forks a host takes: by its cores and by its memory, as AWX counts them."""

from __future__ import annotations

import os
from decimal import Decimal

import psutil

FORKS_PER_CORE = 4
FORK_BYTES = 100 * 1024 * 1024
SPARE_BYTES = 2 * 1024**3  # what the server itself needs


def measure() -> dict[str, int | Decimal]:
    """cpu (cores), memory (bytes), cpu_capacity and mem_capacity (forks)."""
    cores = len(os.sched_getaffinity(0))
    memory = psutil.virtual_memory().total
    by_memory = max(1, (memory - SPARE_BYTES) // FORK_BYTES)
    return {
        "cpu": Decimal(cores),
        "memory": memory,
        "cpu_capacity": cores * FORKS_PER_CORE,
        "mem_capacity": int(by_memory),
    }


def total(cpu_capacity: int, mem_capacity: int, adjustment: Decimal) -> int:
    """Between the smaller and the larger of the two, by the adjustment from 0 to 1."""
    low, high = sorted((cpu_capacity, mem_capacity))
    return int(low + (high - low) * adjustment)
