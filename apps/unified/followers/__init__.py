"""Live output: connections that stay open, served by a process of their own on the port of the API.

A view checks who asks, then hands the open socket over (`handover`, SCM_RIGHTS); from there on `server` serves it, and
the web server's thread is free again. What is sent comes from the rows; messages on Redis only say that there are some.
"""
