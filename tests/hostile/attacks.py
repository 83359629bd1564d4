"""The corpus, aimed: at every route, every field, every id and every parameter."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.hostile.corpus import bodies, keys, targets, values
from tests.hostile.routes import Route, routes

Ids = dict[str, bytes]

PUBLIC = ("/errors/{code}", "/docs/{file}", "/internal/jobs/{handler}", "/internal/ticks/{tick}")
MUTATIONS = 6


@dataclass(frozen=True)
class Attack:
    """One request, and what it is meant to break."""

    name: str
    method: str
    target: bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(bodies.JSON))
    body: bytes | None = None
    chunked: bool = False


def good_requests(ids: Ids) -> Iterator[Attack]:
    """Yield a request without fault for each operation that changes something by its body."""
    for route in routes():
        if route.example is not None:
            yield Attack(
                f"{route.name}: example", route.method, route.target(ids), body=route.body()
            )


def all_attacks(ids: Ids) -> Iterator[Attack]:
    """Yield every single attack of the corpus."""
    for route in routes():
        ours = _harmless(route, ids)
        yield from _on_body(route, route.target(ours))
        yield from _on_fields(route, route.target(ours))
        yield from _on_ids(route, ours)
        yield from _on_query(route, route.target(ours))
        yield from _on_headers(route, route.target(ours))
    for path in PUBLIC:
        yield from _on_ids(Route("GET", path, (), None, ()), {})
        yield from _on_ids(Route("POST", path, (), None, ()), {})


def combined_attacks(ids: Ids, count: int, seed: int) -> Iterator[Attack]:
    """Yield `count` attacks of several faults each, the same ones for the same seed."""
    chance = Random(seed)
    known = routes()
    texts = [text for kind in values.ALL.values() for text in kind.values()]
    for number in range(count):
        route = chance.choice(known)
        ours = _harmless(route, ids)
        if ours and chance.random() < 0.15:
            ours = {**ours, chance.choice(list(ours)): _any(chance, targets.IDS)}
        target = route.target(ours)
        if chance.random() < 0.3:
            target += b"?" + _query(chance, route)
        headers = dict(bodies.JSON)
        if chance.random() < 0.2:
            headers[chance.choice(targets.HEADER_NAMES)] = _any(chance, targets.HEADERS)
        yield Attack(
            f"{route.name}: combination {number} of seed {seed}",
            route.method,
            target,
            {name: value for name, value in headers.items() if name != "Authorization"},
            _body(chance, route, texts),
            chunked=chance.random() < 0.1,
        )


def _on_body(route: Route, target: bytes) -> Iterator[Attack]:
    for name, body in bodies.SHAPES.items():
        yield Attack(f"{route.name}: {name}", route.method, target, body=body)
    for name in ("empty", "one byte over the limit", "the limit", "60,000 ["):
        body = bodies.SHAPES[name]
        yield Attack(
            f"{route.name}: {name}, chunked", route.method, target, body=body, chunked=True
        )
    good = route.body() or b'{"title":"a"}'
    for name, headers in bodies.HEADERS.items():
        yield Attack(f"{route.name}: {name}", route.method, target, headers, good)
    for name, body in {"gzip": bodies.COMPRESSED, "bomb": bodies.BOMB}.items():
        gzipped = bodies.HEADERS["gzip"]
        yield Attack(f"{route.name}: {name} body", route.method, target, gzipped, body)
    for name, member in keys.MEMBERS.items():
        body = route.body(more=member)
        yield Attack(f"{route.name}: key {name}", route.method, target, body=body)


def _on_fields(route: Route, target: bytes) -> Iterator[Attack]:
    for place in route.places:
        for kind, texts in values.ALL.items():
            for name, text in texts.items():
                yield Attack(
                    f"{route.name}: {place} {kind} {name}",
                    route.method,
                    target,
                    body=route.body({place: text}),
                )


def _on_ids(route: Route, ids: Ids) -> Iterator[Attack]:
    for part in route.parts:
        for name, text in targets.IDS.items():
            target = route.target({**ids, part: text})
            body = route.body()
            yield Attack(f"{route.name}: {part} {name}", route.method, target, body=body)


def _on_query(route: Route, target: bytes) -> Iterator[Attack]:
    body = route.body()
    for name, query in targets.QUERIES.items():
        yield Attack(f"{route.name}: query {name}", route.method, target + b"?" + query, body=body)
    for parameter in route.query:
        for name, value in targets.QUERY_VALUES.items():
            query = b"?%s=%s" % (parameter.encode(), value)
            yield Attack(f"{route.name}: {parameter} {name}", route.method, target + query)


def _on_headers(route: Route, target: bytes) -> Iterator[Attack]:
    body = route.body()
    for header in targets.HEADER_NAMES:
        for name, value in targets.HEADERS.items():
            headers = {**bodies.JSON, header: value}
            yield Attack(f"{route.name}: {header} {name}", route.method, target, headers, body)


def _harmless(route: Route, ids: Ids) -> Ids:
    # What is deleted once cannot be attacked again; other things are there to be changed.
    parts = {part: ids.get(part, b"some-id") for part in route.parts}
    if route.method == "DELETE" and not route.path.endswith("/completion"):
        return dict.fromkeys(parts, b"some-id") | {"workspace": ids.get("workspace", b"me")}
    return parts


def _query(chance: Random, route: Route) -> bytes:
    names = [name.encode() for name in route.query] or [b"unknown"]
    pairs = [
        b"%s=%s" % (chance.choice(names), _any(chance, targets.QUERY_VALUES))
        for _ in range(chance.randint(1, 4))
    ]
    return b"&".join([*pairs, _any(chance, targets.QUERIES)][: chance.randint(1, 5)])


def _body(chance: Random, route: Route, texts: list[bytes]) -> bytes | None:
    changes = {
        place: chance.choice(texts)
        for place in chance.sample(route.places, min(len(route.places), chance.randint(0, 4)))
    }
    # Where a field lies in another that is replaced as well, the inner one has nowhere to go.
    changes = {
        place: text
        for place, text in changes.items()
        if not any(place[:length] in changes for length in range(1, len(place)))
    }
    more = _any(chance, keys.MEMBERS) if chance.random() < 0.2 else b""
    body = route.body(changes, more)
    if body is None or chance.random() < 0.7:
        return body
    return _mutated(chance, body)


def _mutated(chance: Random, body: bytes) -> bytes:
    broken = bytearray(body[:100_000])
    for _ in range(chance.randint(1, MUTATIONS)):
        at = chance.randrange(len(broken) + 1)
        length = chance.randint(1, 8)
        match chance.randrange(4):
            case 0:
                del broken[at : at + length]
            case 1:
                broken[at:at] = chance.randbytes(length)
            case 2:
                broken[at:at] = broken[at : at + length]
            case _:
                broken[at : at + 1] = chance.choice((b'"', b"\\", b"{", b"[", b",", b"\x00"))
    return bytes(broken)


def _any(chance: Random, corpus: dict[str, bytes] | dict[str, str]):
    return chance.choice(list(corpus.values()))
