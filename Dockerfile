# Stages: `build` compiles, `joblog` is the image for all of joblog's processes (the command says which one), and
# `example` adds handlers to it, as an image of yours does.

FROM python:3.11-slim AS build
ARG JOBLOG_COMPILE=1
RUN [ "$JOBLOG_COMPILE" = 0 ] \
    || { apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev; }
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/joblog
WORKDIR /src
COPY requirements/runtime.txt requirements/build.txt ./requirements/
RUN /opt/joblog/bin/pip install --require-hashes --only-binary :all: --requirement requirements/runtime.txt \
    && /opt/joblog/bin/pip install --require-hashes --only-binary :all: --no-compile --requirement requirements/build.txt \
        --target /opt/build
COPY . .
RUN PYTHONPATH=/opt/build JOBLOG_COMPILE=$JOBLOG_COMPILE \
        /opt/joblog/bin/pip install --no-deps --no-build-isolation . \
    && /opt/joblog/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim AS joblog
RUN groupadd --system --gid 10001 joblog \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /data joblog \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/joblog /opt/joblog
ENV PATH=/opt/joblog/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    JOBLOG_DATA_DIR=/data \
    JOBLOG_SIGNALS__SCHEDULER_PORT=9464 \
    JOBLOG_SIGNALS__DELAYS_PORT=9464 \
    JOBLOG_SIGNALS__WORKER_PORT=9464 \
    JOBLOG_SIGNALS__BRIDGE_PORT=9464 \
    JOBLOG_SIGNALS__RELAY_PORT=9464
USER 10001:10001
WORKDIR /app
HEALTHCHECK --interval=3s --timeout=5s --start-period=30s --retries=5 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/ready')"]
ENTRYPOINT ["joblog"]

FROM joblog AS example
COPY examples/docker /app

# What `docker build .` makes.
FROM joblog
