"""The browsable API: what its pages show beside the JSON, worked out from the declarations."""
