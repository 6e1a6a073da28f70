"""Pages for people: they need nothing but this service."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient

_REFERENCE = re.compile(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""")


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/welcome"])
def test_a_page_fetches_everything_from_this_service(rest_client: TestClient, page: str):
    told = rest_client.get(page)

    assert told.status_code == 200
    addresses = [urljoin(str(told.url), found) for found in _REFERENCE.findall(told.text)]
    assert {urlsplit(address).netloc for address in addresses} <= {urlsplit(str(told.url)).netloc}
    assert {rest_client.get(address).status_code for address in addresses} <= {200}


def test_documentation_brings_its_scripts_along(rest_client: TestClient):
    scripts = re.findall(r'<script src="([^"]+)"', rest_client.get("/docs").text)

    assert scripts
    assert all(len(rest_client.get(script).content) > 100_000 for script in scripts)


def test_the_front_door_leads_to_the_documentation(rest_client: TestClient):
    assert rest_client.get("/").url.path == "/docs"
