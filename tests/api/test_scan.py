"""Finding somebody wherever they stand: what the proof of an erasure rests on."""

import subprocess

import pytest

from backend.kit.documents import Create
from backend.leaving.scan import Finding, Scan
from tests.api.command_line import run
from tests.api.world import World


def _found(world: World, *terms: str) -> set[tuple[str, str]]:
    ports = world.services.ports
    findings = Scan(ports.store, ports.blobs).find(terms)
    return {(each.place, each.field) for each in findings}


class TestScan:
    """Every document of every collection, and every file's name."""

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"a": "by Needle, today"}, "a"),
            ({"a": {"b": {"c": "needle"}}}, "a.b.c"),
            ({"a": [1, {"b": ["x", "NEEDLE"]}]}, "a.b"),
            ({"counts": {"needle": 3}}, "counts.needle"),
            ({"a": b"a needle in bytes"}, "a"),
        ],
        ids=str,
    )
    def test_a_term_is_found_in_any_value(self, world: World, fields: dict, field: str):
        """At any depth, as a key, whatever the case."""
        world.write("deep/a/er/b", fields)

        assert {("deep/a/er/b", field)} == _found(world, "needle")

    def test_it_is_found_in_paths_and_files(self, world: World):
        """Also below documents that do not exist."""
        world.write("workspaces/gone/members/needle-1", {"role": "owner"})
        world.services.ports.blobs.put("exports/needle-1/x.zip", b"x", content_type="a/b")

        assert {
            ("workspaces/gone/members/needle-1", ""),
            ("exports/needle-1/x.zip", ""),
        } == _found(world, "needle-1")

    def test_pages_are_put_together(self, world: World):
        """More documents than one answer holds."""
        store = world.services.ports.store

        for begin in (0, 400):
            paths = [f"things/{number:04}" for number in range(begin, begin + 400)]
            assert store.attempt([Create(path, {"name": "needle"}) for path in paths])

        assert 800 == len(_found(world, "needle"))

    def test_nothing_is_found_where_nothing_is(self, world: World):
        """And an empty term is no term, or all would be found."""
        world.write("things/a", {"name": "hay"})

        assert set() == _found(world, "needle", "")

    def test_each_term_is_told(self, world: World):
        """As it was asked for."""
        world.write("things/a", {"name": "Needle and Thread"})

        found = list(Scan(world.services.ports.store, None).find(["NEEDLE", "thread"]))

        assert [
            Finding("things/a", "name", "NEEDLE"),
            Finding("things/a", "name", "thread"),
        ] == found


class TestCommand:
    """`python -m backend.cli scan`"""

    def test_places_are_listed(self, world: World):
        """Exit status 1: something is left."""
        world.write("things/a", {"name": "needle"})

        done = run(world, "scan", "needle", "thread")

        assert (1, "things/a\tname\tneedle\n") == (done.returncode, done.stdout)

    def test_nothing_is_good_news(self, world: World):
        """Exit status 0."""
        done: subprocess.CompletedProcess[str] = run(world, "scan", "needle")

        assert (0, "") == (done.returncode, done.stdout)
        assert "Nothing was found.\n" == done.stderr
