"""The Firebase Emulator Suite as one object: start, wait, export, stop."""

import json
import shutil
import signal
from pathlib import Path

from local.child import Child
from local.health import HOST, answers_http, ask, wait_until
from local.ports import is_free
from local.problems import Problem
from local.suite_config import rules_file, write_config
from local.suite_program import (
    METADATA,
    READY_WITHIN_S,
    SuiteOptions,
    suite_command,
    suite_environment,
)
from local.warm_up import warm_up

STOP_WITHIN_S = 5.0
EXPORT_WITHIN_S = 60.0
RULES_WITHIN_S = 15.0
FUNCTIONS_FAILED = "Failed to load function definition"


class EmulatorSuite:
    """
    A running Emulator Suite.

    Its data is in memory: `export` writes it to disk. Whoever starts one holds a
    `local.guardian.Guardian` over its mark, so that no process of it outlives the program.
    """

    name = "Emulator Suite"

    def __init__(self, options: SuiteOptions) -> None:
        """
        Prepare a Suite; `start` starts it.

        Raises:
            Problem: the Firestore rules are missing.
        """
        self.options = options
        self.project_id = options.project_id
        self._child: Child | None = None
        self._silent = list(options.only)
        self._rules = options.rules or rules_file()
        self._fault_in_rules: str | None = None

    @property
    def firestore_host(self) -> str:
        """Value for FIRESTORE_EMULATOR_HOST."""
        return f"{HOST}:{self.options.ports.firestore}"

    @property
    def auth_host(self) -> str:
        """Value for FIREBASE_AUTH_EMULATOR_HOST."""
        return f"{HOST}:{self.options.ports.auth}"

    @property
    def child(self) -> Child:
        """The firebase-tools process."""
        if self._child is None:
            raise RuntimeError("The Suite has not been started.")
        return self._child

    def start(self) -> None:
        """
        Start firebase-tools; `wait_ready` says when it can be used.

        Raises:
            Problem: Node.js, firebase-tools or the Firestore emulator's jar is missing.
        """
        options = self.options
        shutil.rmtree(options.folder, ignore_errors=True)
        temporary = options.folder / "tmp"
        temporary.mkdir(parents=True)
        write_config(options.folder, options.ports, options.only, rules=self._rules)
        self._child = Child(
            self.name,
            suite_command(options),
            cwd=options.folder,
            env=suite_environment(options, temporary),
            log=options.log or options.folder / "suite.log",
        )

    def wait_ready(self, within_s: float = READY_WITHIN_S) -> None:
        """
        Wait until the Suite can be used.

        Raises:
            Problem: it ended, its functions do not load, or it took too long.
        """
        if not wait_until(self.is_ready, within_s=within_s, gave_up=self.has_failed):
            raise self.failure()

    def is_ready(self) -> bool:
        """Say whether every emulator asked for answers, and the functions are loaded."""
        checks = {
            "auth": self._auth_answers,
            "firestore": self._firestore_answers,
            "functions": self._functions_loaded,
        }
        while self._silent and checks[self._silent[0]]():
            self._silent.pop(0)
        return not self._silent

    def has_failed(self) -> bool:
        """Say whether there is no point in waiting for it any longer."""
        if self._fault_in_rules is not None or not self.child.is_running:
            return True
        return FUNCTIONS_FAILED in self.child.output()

    def failure(self) -> Problem:
        """Return why the Suite cannot be used, for a person."""
        child = self.child
        if self._fault_in_rules is not None:
            return Problem(f"Correct the rules in {self._rules}: {self._fault_in_rules}")
        if FUNCTIONS_FAILED in child.output():
            what = "could not load the functions"
        elif child.is_running:
            what = f"did not bring up {self._silent[0]} in time"
        else:
            what = f"ended while starting ({child.ending})"
        words = f"Its last words, from {child.log}:\n{child.last_lines()}"
        if self.options.earlier_data is not None:
            words += f"\nIf {self.options.earlier_data} is damaged, move that folder away."
        return Problem(f"The Firebase Emulator Suite {what}. {words}")

    def ended_part(self) -> str | None:
        """Name what has ended of a Suite that was ready, if anything has."""
        if not self.child.is_running:
            return f"Suite stopped ({self.child.ending})"
        # firebase-tools goes on when Java is killed. Asking the port for a connection would
        # leave a line in the emulator's log each time.
        for name in self.options.only:
            if is_free(getattr(self.options.ports, name)):
                return f"Suite's {name} emulator stopped"
        return None

    def export(self, to: Path) -> None:
        """
        Write all data of the project to the folder `to`, which appears only when complete.

        Raises:
            Problem: the Suite could not do it; whatever was at `to` is still there.
        """
        unfinished, earlier = to.with_name(f"{to.name}.new"), to.with_name(f"{to.name}.old")
        for folder in (unfinished, earlier):
            shutil.rmtree(folder, ignore_errors=True)
        to.parent.mkdir(parents=True, exist_ok=True)
        status, answer = ask(
            self.options.ports.hub,
            "/_admin/export",
            method="POST",
            body={"path": str(unfinished), "initiatedBy": "taskflow"},
            timeout_s=EXPORT_WITHIN_S,
        )
        if status != 200 or not (unfinished / METADATA).is_file():
            reason = answer.decode(errors="replace").strip() or "the Suite did not answer"
            raise Problem(f"The data could not be saved ({reason}): see {self.child.log}.")
        if to.exists():
            to.rename(earlier)
        unfinished.rename(to)
        shutil.rmtree(earlier, ignore_errors=True)

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """End the Suite and every process it started. What was not exported is gone."""
        if self._child is not None:
            self._child.stop(within_s=within_s, by=signal.SIGINT)

    def _auth_answers(self) -> bool:
        return answers_http(self.options.ports.auth)

    def _firestore_answers(self) -> bool:
        port = self.options.ports.firestore
        if not answers_http(port):
            return False
        # The emulator has its rules already. Asked like this, it also says what is wrong with them.
        status, answer = ask(
            port,
            f"/emulator/v1/projects/{self.project_id}:securityRules",
            method="PUT",
            body={"rules": {"files": [{"content": self._rules.read_text()}]}},
            timeout_s=RULES_WITHIN_S,
        )
        if status == 400:
            self._fault_in_rules = json.loads(answer)["error"]["message"]
        if status == 200:
            warm_up(port, self.project_id)
        return status == 200

    def _functions_loaded(self) -> bool:
        status, answer = ask(self.options.ports.functions, "/backends")
        if status != 200:
            return False
        return any(backend["functionTriggers"] for backend in json.loads(answer)["backends"])
