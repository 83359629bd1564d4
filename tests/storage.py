"""Cloud Storage on a free port: the emulator that the local stack uses, in this process."""

import logging
from types import TracebackType
from typing import Self

import requests
from gcp_storage_emulator.server import create_server

HOST = "127.0.0.1"


class StorageStandIn:
    """gcp-storage-emulator in memory, between `with` and its end."""

    def __init__(self) -> None:
        logging.getLogger("gcp_storage_emulator").setLevel(logging.ERROR)
        self._server = create_server(HOST, 0, in_memory=True)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """What STORAGE_EMULATOR_HOST would be."""
        return f"http://{HOST}:{self._server._api._httpd.server_port}"

    def make_bucket(self, name: str) -> str:
        """Make a bucket, and return its name."""
        answer = requests.post(f"{self.url}/storage/v1/b", json={"name": name}, timeout=30)
        assert answer.ok, answer.text
        return name

    def names(self, bucket: str) -> list[str]:
        """The names of everything in a bucket."""
        answer = requests.get(f"{self.url}/storage/v1/b/{bucket}/o", timeout=30)
        return sorted(each["name"] for each in answer.json()["items"])
