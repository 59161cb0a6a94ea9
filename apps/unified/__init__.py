"""What all templates and jobs share: launch, dispatch, run, events."""
