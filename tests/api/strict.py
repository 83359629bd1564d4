"""The service as it runs in production: ID tokens are signed, and nobody believes others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.account_states import FirebaseAccountStates
from backend.adapters.credentials import FirebaseCredentials
from backend.bootstrap import Ports, build_ports
from backend.settings import Settings
from local.cloudtasks import CloudTasksStandIn
from local.cloudtasks.identity import Identity
from local.fcm import FcmStandIn
from local.suite import EmulatorSuite
from tests.api.conftest import serving, settings_of
from tests.api.world import World
from tests.clock import VirtualClock
from tests.key_server import KeyServer
from tests.token_cases import CURRENT, QUEUE, Stage
from tests.tokens import id_claims, signed, signing_key

APP_CHECK = "app check"


class StrictWorld(World):
    """A world whose people show signed tokens."""

    keys: KeyServer
    app_check: KeyServer

    def token(self, uid: str, **claims: Any) -> str:
        claims = id_claims(uid, self.project_id, at=self.clock.now(), **claims)
        return signed(claims, signing_key(CURRENT))

    def stage(self, **people: str) -> Stage:
        """Where the cases of the token matrix play."""
        return Stage(
            project_id=self.project_id,
            now=self.clock.now(),
            keys_url=self.keys.url,
            queue_account=self.services.settings.worker_service_account,
            worker_url=self.services.settings.worker_url,
            **people,
        )


@contextmanager
def strict_world(
    suite: EmulatorSuite, folder: Path, project_id: str, **changes: Any
) -> Iterator[StrictWorld]:
    """Serve the whole service in an empty database; `changes` are to its settings."""
    clock = VirtualClock()
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    identity = Identity(signing_key(QUEUE), clock)
    with (
        FcmStandIn() as fcm,
        CloudTasksStandIn(data_dir=folder, clock=clock, queues=[queue], identity=identity) as tasks,
        KeyServer(signing_key(CURRENT)) as keys,
        KeyServer(signing_key(APP_CHECK)) as app_check,
    ):
        settings = replace(
            settings_of(suite, project_id, tasks, fcm),
            id_token_certs_url=keys.certs_url,
            session_certs_url=keys.certs_url,
            app_check_url=app_check.url,
            **{"auth_emulator_host": "", **changes},
        )
        with (
            _environment(suite),
            serving(settings, clock, partial(_with_accounts, suite)) as (services, url),
        ):
            world = StrictWorld(services, url, clock, tasks, fcm)
            world.keys, world.app_check = keys, app_check
            world.wait_until_ready()
            yield world


def _with_accounts(suite: EmulatorSuite, settings: Settings, clock: VirtualClock) -> Ports:
    # Accounts are at the emulator all the same: there is nowhere else to put them.
    emulated = replace(settings, auth_emulator_host=suite.auth_host)
    return replace(
        build_ports(settings, clock),
        account_states=FirebaseAccountStates(emulated, clock),
        credentials=FirebaseCredentials(emulated, clock),
    )


@contextmanager
def _environment(suite: EmulatorSuite) -> Iterator[None]:
    # The SDKs look for their emulators there; ID tokens are verified regardless.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
        yield
