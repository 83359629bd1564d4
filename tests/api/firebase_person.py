"""Somebody at Firebase Auth, who signs in there with a password as an app does."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from local.cloudtasks import Fault, FaultKind
from tests.api.world import World


class FirebasePerson:
    """An account of the Auth emulator, in the project of a world."""

    def __init__(self, world: World, email: str, password: str) -> None:
        self.world = world
        self.email = email
        self.uid: str = world.at_auth("accounts", email=email, password=password)["localId"]
        world.after_a_change_at_auth()

    def attempt(self, method: str, **body: Any) -> requests.Response:
        """Call a method that Firebase Auth has for apps, such as `resetPassword`."""
        return requests.post(
            f"http://{self.world.auth_host}/identitytoolkit.googleapis.com/v1/accounts:{method}",
            # The emulator would take another project than ours without being told.
            json={**body, "targetProjectId": self.world.project_id},
            headers={"Authorization": "Bearer owner"},
            timeout=60,
        )

    def token(self, password: str) -> str:
        """Sign in, and return the ID token."""
        body = {"email": self.email, "password": password, "returnSecureToken": True}
        return str(self.attempt("signInWithPassword", **body).json()["idToken"])

    def get(self, path: str, token: str) -> requests.Response:
        """Call the API with a token."""
        url = f"{self.world.url}/api/v1{path}"
        return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def known_at_auth(self) -> dict[str, Any]:
        """What Firebase Auth holds of them."""
        return self.world.at_auth("accounts:lookup", localId=[self.uid])["users"][0]


def code_of(link: str | None) -> str:
    """The single-use code in a link of Firebase Auth."""
    assert link is not None
    return parse_qs(urlsplit(link).query)["oobCode"][0]


def hold_jobs_back(world: World) -> None:
    """Have jobs come a second late, on the world's clock: else they run beside the test."""
    world.tasks.script(Fault(FaultKind.DELAY, path="/internal/jobs/fire", count=0, seconds=1))
