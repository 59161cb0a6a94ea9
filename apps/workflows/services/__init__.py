"""What workflows do: link nodes, launch, step on, ask for approval."""
