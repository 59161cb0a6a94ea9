"""Sign-on by others: directories that check passwords, and services that people are sent to and come back from."""
