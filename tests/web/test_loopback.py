from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from closeup.errors import OutputError
from closeup.web.loopback import ADDRESS, LoopbackGuard, LoopbackServer


def app() -> FastAPI:
    made = FastAPI()
    made.add_middleware(LoopbackGuard)

    @made.api_route("/", methods=["GET", "POST"])
    def answer() -> str:
        return "here"

    return made


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app(), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:8000"])
def test_names_of_this_machine_are_let_in(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).json() == "here"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.4", "", "["])
def test_other_names_are_not(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert "open the address that the program printed" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, 403),
    ],
)
def test_other_sites_change_nothing(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/", headers=headers).status_code == status


def test_a_page_loads_nothing_from_elsewhere_and_lies_in_no_frame(client: TestClient) -> None:
    headers = client.get("/").headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_server_listens_on_this_machine_only_and_can_be_stopped() -> None:
    server = LoopbackServer()
    ready: list[str] = []
    thread = Thread(target=server.run, args=(app(), lambda: ready.append(server.url)))
    thread.start()
    port = int(server.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection((ADDRESS, port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in connection.recv(100)
    server.stop()
    thread.join()
    assert ready == [f"http://127.0.0.1:{port}/"]


@pytest.mark.parametrize("port", [70000, -1])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(OutputError, match="cannot be used"):
        LoopbackServer(port)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind((ADDRESS, 0))
        taken.listen()
        with pytest.raises(OutputError, match="name another one, or 0 for a free one"):
            LoopbackServer(taken.getsockname()[1])
