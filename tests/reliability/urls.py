"""No paths: workers answer no requests."""

urlpatterns: list[object] = []
