"""nginx accepts the blocks that configure it."""

import re
import shutil
import subprocess

import pytest

from streamreports.conf import Settings
from tests.manual.pages import BLOCK, DOCS, blocks

NGINX = """
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    upstream app {{ server 127.0.0.1:1; }}
    server {{
        listen 127.0.0.1:8000;
        {block}
    }}
}}
"""


def pages_with(language):
    return [
        str(page.relative_to(DOCS))
        for page in sorted(DOCS.rglob("*.md"))
        if any(found[2] == language for found in BLOCK.finditer(page.read_text(encoding="utf-8")))
    ]


def verdict(block, folder):
    """Return the last line that ``nginx -t`` prints about a block of a server."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed.")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, block=block))
    done = subprocess.run(
        ["nginx", "-t", "-e", "stderr", "-c", config], capture_output=True, text=True, check=False
    )
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("page", pages_with("nginx"))
def test_nginx_accepts_the_blocks_of_a_page(page, tmp_path):
    for block in blocks(page, "nginx"):
        assert verdict(block, tmp_path).endswith("nginx.conf test is successful")


def test_nginx_rejects_a_directive_that_does_not_exist(tmp_path):
    assert verdict("proxy_bufering on;", tmp_path).endswith("nginx.conf test failed")


def test_the_location_of_files_is_the_default_of_the_setting():
    [block] = blocks("how-to/downloads.md", "nginx")
    assert re.findall(r"^location (\S+) \{", block) == [Settings.export_sendfile_prefix]
