# syntax=docker/dockerfile:1
# Two stages: the first installs what the lock names into a virtual environment, the second holds
# nothing but that and the code, and runs as a user without rights.
FROM python:3.13-slim-bookworm AS build
COPY requirements.lock /build/
RUN python -m venv /opt/venv
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement /build/requirements.lock

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --user-group --home-dir /app --no-create-home --shell /usr/sbin/nologin bot
RUN install -d -o bot -g bot -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY pyproject.toml /app/
COPY migrations /app/migrations
COPY cogs /app/cogs
COPY bot /app/bot
# A root that is read-only keeps no bytecode: without this every start compiles all of it.
RUN python -m compileall -q /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/bot.db \
    HEALTH_PORT=8080
WORKDIR /app
USER bot
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HEALTH_PORT'] + '/readyz', timeout=4)"]
CMD ["python", "-m", "bot", "run"]
