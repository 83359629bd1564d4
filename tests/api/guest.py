"""Guests: callers of the anonymous provider, and what can be seen of them from outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

from tests.api.world import Caller, World

ANONYMOUS = {"sign_in_provider": "anonymous", "identities": {}}


class Guest(Caller):
    """Somebody who signed in anonymously."""

    def token(self) -> str:
        """A fresh ID token of the anonymous provider."""
        return self.world.token(self.uid, firebase=ANONYMOUS)

    def linked(self, email: str = "gast@example.com", *, name: str = "Gast") -> Caller:
        """The same person after linking a password, as the app is then: with another token."""
        self.world.at_auth(
            "accounts:update", localId=self.uid, email=email, password="secret", displayName=name
        )
        return Caller(self.world, self.uid, name, email)


def guest(world: World, name: str = "guest") -> Guest:
    """A guest who has called before."""
    caller = Guest(world, f"{name}-{world.project_id[5:]}", "")
    assert caller.get("/users/me").status_code == 200
    return caller


def everything(database: firestore.Client) -> dict[str, dict[str, Any]]:
    """Every document there is, by its path; also those below documents that are not there."""
    found: dict[str, dict[str, Any]] = {}
    collections = list(database.collections())
    while collections:
        for document in collections.pop().list_documents():
            fields = document.get().to_dict()
            if fields is not None:
                found[document.path] = fields
            collections += document.collections()
    return found


def traces(database: firestore.Client, word: str) -> list[str]:
    """The paths of all documents whose path or fields contain a word."""
    documents = everything(database).items()
    return [path for path, fields in documents if word in path or word in repr(fields)]


def let_go(world: World, *guests: Guest) -> None:
    """Let time pass until nothing is left of guests; a busy Firebase Auth is asked again."""
    for _ in range(10):
        world.pass_time(timedelta(minutes=3))
        if not any(traces(world.database, each.uid) for each in guests):
            return


def auth_user(world: World, uid: str) -> dict[str, Any] | None:
    """What Firebase Auth knows of somebody."""
    users = world.at_auth("accounts:lookup", localId=[uid]).get("users")
    return users[0] if users else None


class KilledError(BaseException):
    """What a process does not survive."""


@contextmanager
def dying(world: World, monkeypatch: pytest.MonkeyPatch, *, after: int) -> Iterator[None]:
    """Die right after the so manieth act outside: a commit, or a call of Firebase Auth."""
    store, credentials = world.services.ports.store, world.services.ports.credentials
    commit, post, acts = store._commit, credentials._post, 0

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any) -> Any:
            nonlocal acts
            result = act(*given)
            acts += bool(given[0])  # A plan without writes is no act.
            if given[0] and acts == after:
                raise KilledError
            return result

        return done

    with monkeypatch.context() as patched:
        patched.setattr(store, "_commit", counted(commit))
        patched.setattr(credentials, "_post", counted(post))
        yield
