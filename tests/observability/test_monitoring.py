"""The dashboard and the alert rules watch exactly what is exported."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from backend.adapters.firestore import Usage
from backend.adapters.metrics import Metrics
from local.settings import PORTS
from tests.observability.process import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
OURS = re.compile(r"\b(?:taskflow|process)_\w+")
LABELS = re.compile(r"(taskflow_\w+)\{([^}]*)\}")
# Shown because a platform shows it anyway, whatever watches it.
UNWATCHED = {"process_virtual_memory_bytes", "process_start_time_seconds", "process_max_fds"}


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """Every sample's name with its labels, once each thing has happened."""
    metrics, usage = Metrics(release="r7"), Usage(1, 1, 1)
    metrics.request_began()
    metrics.request_finished(method="GET", route="/", status=200, duration_s=1)
    metrics.used("/", usage)
    metrics.job_finished("react", "done", duration_s=1)
    metrics.run_ended_badly("backup", "failed")
    metrics.tick_finished("sweep", "done", found=1, at=datetime.now(UTC), duration_s=1)
    metrics.answer_replayed("/")
    metrics.digest_came("daily", "filed")
    metrics.push_answered("sent")
    metrics.mail_answered("sent")
    metrics.mail_reported("complaint", "taken")
    metrics.watch_push_pause(lambda: 0)
    metrics.watch_caches(lambda: {"members": (1, 1)})
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    board = json.loads((FOLDER / "dashboard.json").read_text())
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in rules())]


class TestNames:
    """One list of names, in the code."""

    def test_everything_watched_is_exported(self, exported: dict[str, set[str]]):
        """A rule over a name that nobody exports never fires."""
        watched = {name for text in expressions() for name in OURS.findall(text)}

        assert set() == watched - set(exported)

    def test_everything_exported_is_watched(self, exported: dict[str, set[str]]):
        """What nobody looks at need not be counted."""
        text = " ".join(expressions())
        families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported}

        assert set() == {name for name in families - UNWATCHED if name not in text}

    def test_labels_are_those_exported(self, exported: dict[str, set[str]]):
        """A filter on a label that is not there finds nothing."""
        used = {
            (name, label)
            for text in expressions()
            for name, inside in LABELS.findall(text)
            for label in re.findall(r"(\w+)\s*[=!]", inside)
        }
        grouped = {label for text in expressions() for label in _grouped_by(text)}

        assert {(name, label) for name, label in used if label not in exported[name]} == set()
        assert set() == grouped - {label for labels in exported.values() for label in labels}


class TestForPeople:
    """Somebody reads this at night."""

    def test_every_alert_says_what_is_wrong_and_what_to_do(self):
        """In a sentence each, and how urgent it is."""
        for rule in rules():
            assert {"summary", "action"} == set(rule["annotations"]), rule["alert"]
            assert rule["labels"]["severity"] in ("page", "ticket")
        names = [rule["alert"] for rule in rules()]
        assert len(names) == len(set(names))

    def test_panels_have_places_and_units_of_their_own(self):
        """Two in one place hide each other."""
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
        ids = [panel["id"] for panel in panels()]

        assert len(places) == len(set(places))
        assert len(ids) == len(set(ids))
        assert all(
            panel["title"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels()
        )

    def test_the_sample_configuration_finds_the_local_stack(self):
        """At the ports of `make run`."""
        config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
        targets = [
            target
            for job in config["scrape_configs"]
            for static in job["static_configs"]
            for target in static["targets"]
        ]

        ports = (PORTS["api_metrics"], PORTS["scheduler_metrics"])
        assert [f"127.0.0.1:{port}" for port in ports] == targets


def _grouped_by(expression: str) -> set[str]:
    inside = re.findall(r"\bby \(([^)]*)\)", expression)
    return {label.strip() for part in inside for label in part.split(",")}
