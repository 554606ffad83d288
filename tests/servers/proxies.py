"""Run a real nginx or PgBouncer in front of a port, for as long as a test needs it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.servers import free_port, stop, wait_for
from tests.servers.processes import HOST

NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip {gzip};
    gzip_types text/csv;
    server {{
        listen {host}:{port};
        {locations}
        location / {{
            proxy_pass http://{host}:{upstream};
            proxy_set_header Host $http_host;
            proxy_http_version {version};
            proxy_buffering {buffering};
            proxy_read_timeout 60s;
        }}
    }}
}}
"""

PGBOUNCER = """
[databases]
* = {server}

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
{user}
"""


@contextmanager
def nginx(upstream, *, buffering=True, version="1.1", gzip=False, locations=""):
    """Run nginx in front of a port, and yield its own; ``locations`` are further ones."""
    with temporary_folder() as folder:
        port = free_port()
        config = folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=folder,
                host=HOST,
                port=port,
                upstream=upstream,
                version=version,
                buffering="on" if buffering else "off",
                gzip="on" if gzip else "off",
                locations=locations,
            )
        )
        with running([program("nginx"), "-p", folder, "-c", config, "-e", "stderr"], port):
            yield port


@contextmanager
def pgbouncer(*, pool_size=20):
    """Run PgBouncer in transaction mode in front of the database server, and yield its port."""
    with psycopg.connect(dbname="postgres") as connection:
        found = connection.info
        server = {name: getattr(found, name) for name in ("host", "port", "user", "password")}
    with temporary_folder() as folder:
        port = free_port()
        config = folder / "pgbouncer.ini"
        config.write_text(
            PGBOUNCER.format(
                server=" ".join(f"{key}={value}" for key, value in server.items() if value),
                host=HOST,
                port=port,
                pool_size=pool_size,
                user="user = postgres" if os.getuid() == 0 else "",  # It refuses to be root.
            )
        )
        with running([program("pgbouncer"), "-q", config], port):
            yield port


def program(name):
    """Return the path of a program, which Debian keeps out of the path of plain users."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"{name} is not installed: apt-get install {name}"
    return found


@contextmanager
def running(command, port):
    """Run a process that stays in the foreground, from the time when it takes connections."""
    process = subprocess.Popen(command)
    try:
        wait_for(process, port)
        yield
    finally:
        stop(process)


@contextmanager
def temporary_folder():
    """Yield a folder that a process of another user can read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
