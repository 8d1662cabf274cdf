# One definition of where lmtui runs: `runtime` is the image an operator uses (and the default
# target), `lab` is where it is developed, tested and demonstrated. `make help` lists the ways in.
#
# What the building host needs to reach its registries (a CA bundle, an index, a mirror) comes as
# two optional secrets, `host` (shell assignments) and `ca`. Secrets are mounted for one command
# and leave nothing in an image. Without them the public registries are used.

FROM debian:trixie-slim AS base

ENV LANG=C.UTF-8 \
    PATH=/opt/lmtui/bin:/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# pgcopydb 0.17, which is trixie's, cannot copy hypertables: this one package is taken from the
# next release, and everything it needs is trixie's own.
RUN --mount=type=secret,id=host \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' \
        'Suites: forky' 'Components: main' \
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' \
        > /etc/apt/sources.list.d/forky.sources \
    && printf '%s\n' 'Package: *' 'Pin: release n=forky' 'Pin-Priority: 1' '' \
        'Package: pgcopydb' 'Pin: release n=forky' 'Pin-Priority: 990' \
        > /etc/apt/preferences.d/forky \
    && export DEBIAN_FRONTEND=noninteractive \
    && apt-get $APT_OPTIONS update \
    && apt-get $APT_OPTIONS install -y --no-install-recommends \
        ca-certificates pgcopydb postgresql-client-17 python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log \
    && found="$(pgcopydb --version 2>/dev/null | sed -n 's/^pgcopydb version //p')" \
    && { dpkg --compare-versions "$found" ge 0.18 \
        || { echo "pgcopydb 0.18 or later is needed; found: ${found:-none}" >&2; exit 1; }; }


# Stands before `build` and `runtime`, because some builders run every stage above their target.
FROM base AS lab

# The servers. PostgreSQL 18 with TimescaleDB is only in the next release and brings its C library
# along, which the rest of trixie runs on unchanged.
RUN --mount=type=secret,id=host \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && export DEBIAN_FRONTEND=noninteractive \
    && apt-get $APT_OPTIONS update \
    && apt-get $APT_OPTIONS install -y --no-install-recommends \
        ncurses-term postgresql-17 postgresql-17-timescaledb postgresql-17-wal2json procps \
        python3-venv tmux \
    && apt-get $APT_OPTIONS install -y --no-install-recommends -t forky \
        postgresql-18 postgresql-18-timescaledb postgresql-18-wal2json \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log

# The dependencies only: the project itself is the checkout, mounted at /src, so that no edit ever
# needs a new image. The checkout is not the lab's to write, but for .lab: byte code goes under a
# prefix, what the tools keep between runs goes there.
ENV PYTHONPYCACHEPREFIX=/opt/pycache \
    MYPY_CACHE_DIR=/src/.lab/mypy \
    RUFF_CACHE_DIR=/src/.lab/ruff \
    HYPOTHESIS_STORAGE_DIRECTORY=/src/.lab/hypothesis \
    PYTEST_ADDOPTS="-o cache_dir=/src/.lab/pytest --snapshot-report=/src/.lab/snapshot_report.html"
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN --mount=type=secret,id=host --mount=type=secret,id=ca \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && useradd --create-home --uid 1000 --shell /bin/bash lab \
    && python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --no-compile 'uv>=0.13,<0.14' \
    && UV_PROJECT_ENVIRONMENT=/opt/lmtui UV_PYTHON=/usr/bin/python3 UV_LINK_MODE=copy \
        /opt/uv/bin/uv sync --no-cache --locked --no-install-project \
        --no-default-groups --group test --group lint \
    && ln -s /opt/uv/bin/uv /usr/local/bin/uv \
    && echo /src > "$(echo /opt/lmtui/lib/python3*/site-packages)/checkout.pth" \
    && printf '%s\n' '#!/opt/lmtui/bin/python' 'import sys' 'from lmtui.cli import main' \
        'sys.exit(main())' > /opt/lmtui/bin/lmtui \
    && chmod 755 /opt/lmtui/bin/lmtui \
    && python3 -m compileall -q -j 0 /opt/lmtui/lib /usr/lib/python3.13 \
        -x '/(test|tests|idlelib|lib2to3|ensurepip)/' \
    && rm -rf /src/* /tmp/* /root/.cache /root/.local \
    && chown -R lab: /opt/pycache

USER lab
CMD ["bash"]


FROM base AS build

RUN --mount=type=secret,id=host --mount=type=secret,id=ca \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && apt-get $APT_OPTIONS update \
    && DEBIAN_FRONTEND=noninteractive apt-get $APT_OPTIONS install -y --no-install-recommends \
        python3-venv \
    && python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --no-compile 'uv>=0.13,<0.14'

ENV UV_PROJECT_ENVIRONMENT=/opt/lmtui UV_PYTHON=/usr/bin/python3 UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN --mount=type=secret,id=host --mount=type=secret,id=ca \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && /opt/uv/bin/uv sync --locked --no-dev --no-install-project
COPY README.md LICENSE ./
COPY lmtui lmtui
COPY screens screens
RUN --mount=type=secret,id=host --mount=type=secret,id=ca \
    if [ -f /run/secrets/host ]; then . /run/secrets/host; fi \
    && /opt/uv/bin/uv sync --locked --no-dev --no-editable


FROM base AS runtime

COPY --from=build /opt/lmtui /opt/lmtui
ENV PGCOPYDB_DIR=/var/lib/lmtui
RUN useradd --create-home --uid 1000 --shell /bin/bash lmtui \
    && install -d -o lmtui -g lmtui -m 700 "$PGCOPYDB_DIR"
VOLUME /var/lib/lmtui
USER lmtui
WORKDIR /home/lmtui
ENTRYPOINT ["tini", "--", "lmtui"]
