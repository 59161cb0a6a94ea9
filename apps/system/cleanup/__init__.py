"""Old rows go, by sets: jobs with their events, the activity stream, sessions, tokens."""
