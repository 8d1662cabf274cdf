"""What made-up servers say of themselves."""

from msgspec.structs import replace

from lmtui.look import Seen

GIB = 1024**3

SOURCE = Seen(
    side="source",
    label="mover@db1.internal:5432/shop",
    version="17.2 (Debian 17.2-1.pgdg120+1)",
    provider="Amazon RDS",
    tls="TLSv1.3, TLS_AES_256_GCM_SHA384",
    latency=0.0031,
    role="mover",
    superuser=False,
    may_replicate=True,
    database="shop",
    bytes=450 * GIB,
    tables=21,
    indexes=48,
    standby=False,
    system=7301,
    extensions={"plpgsql": "1.0", "timescaledb": "2.17.2", "hstore": "1.8", "postgis": "3.5.0"},
    available={},
    timescaledb="2.17.2",
    free_connections=80,
    processes=16,
)
TARGET = replace(
    SOURCE,
    side="target",
    label="tsdbadmin@abc123.tsdb.cloud.example:34567/tsdb",
    version="17.4",
    provider="Tiger Cloud",
    latency=0.024,
    role="tsdbadmin",
    database="tsdb",
    bytes=9 * 1024**2,
    tables=0,
    indexes=0,
    system=7302,
    extensions={"plpgsql": "1.0", "timescaledb": "2.19.3"},
    available={"hstore": "1.8", "plpgsql": "1.0", "timescaledb": "2.19.3"},
    timescaledb="2.19.3",
    free_connections=12,
)
SERVERS = {"source": SOURCE, "target": TARGET}
