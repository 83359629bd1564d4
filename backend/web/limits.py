"""
How much one address, and one person, may ask for in a minute.

Flask-Limiter decides; the counters are ours, because those it falls back to fail under load.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter
from limits.storage import Storage
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.adapters.counters import Count, Counters
from backend.bootstrap import Services
from backend.web.requirements import marked

View = TypeVar("View", bound=Callable[..., object])

COST = "costs_requests"
ADDRESS_COST = "costs_requests_of_the_address"
SCHEME = "taskflow"
REFUSED = "refused"
FREE = ("internal", "health")
IPV6_SITE = 64  # Bits: what one subscriber gets, who has 2^64 addresses in it.


@dataclass(frozen=True, slots=True)
class _Allowance:
    """One limit, and how much of it this request left."""

    limit: int
    left: int
    renewed_in_s: int
    is_breached: bool


def costs(requests: int) -> Callable[[View], View]:
    """Count a call of a view as so many requests of the person who calls."""

    def declare(view: View) -> View:
        setattr(view, COST, requests)
        return view

    return declare


def costs_address(requests: int) -> Callable[[View], View]:
    """Count a call of a view as so many requests of the address that it comes from."""

    def declare(view: View) -> View:
        setattr(view, ADDRESS_COST, requests)
        return view

    return declare


def install_by_address(app: Flask, services: Services) -> None:
    """
    Limit each address, before anything is known of the caller.

    Addresses come from the connection, or from as many proxies as are trusted. One that gets many
    401 answers is not listened to for the rest of the minute.
    """
    settings = services.settings
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops)  # type: ignore[method-assign]
    by_address = ApplicationLimit(
        limit_provider=f"{settings.rate_limit_per_minute} per minute",
        scope="address",
        cost=lambda: min(settings.rate_limit_per_minute, marked(ADDRESS_COST, 1)),
    )
    refused = ApplicationLimit(
        limit_provider=f"{settings.rate_limit_refused_per_minute} per minute",
        scope=REFUSED,
        deduct_when=lambda answer: answer.status_code == 401,
    )
    limiter = _limiter(app, services.ports.counters, _address, [by_address, refused])
    limiter.request_filter(_is_free)
    # After Flask-Limiter's own hooks in code, hence before them in time.
    app.after_request(_tell)


def install_by_person(app: Flask, services: Services) -> None:
    """Limit each person who was let in, by what their requests cost, whatever address they use."""
    most = services.settings.rate_limit_person_per_minute
    by_person = ApplicationLimit(
        limit_provider=f"{most} per minute",
        scope="person",
        cost=lambda: min(most, _cost()),
    )
    limiter = _limiter(app, services.ports.counters, lambda: str(g.actor.uid), [by_person])
    limiter.request_filter(lambda: "actor" not in g)


class CountersStorage(Storage):
    """
    Our counters as Flask-Limiter knows storages: by the scheme of an address.

    What was counted is kept for the rest of the request, which spares asking Redis again for the
    headers.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - declared so by the base class.

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._counters: Counters = options["counters"]

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Name what may be raised: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter that ends `expiry` seconds after its first use."""
        counted = self._counters.add(key, amount, window_s=expiry)
        _seen()[key] = counted
        return counted.used

    def get(self, key: str) -> int:
        """Return what a counter holds."""
        counted = self._counters.look(key)
        _seen()[key] = counted
        return counted.used

    def get_expiry(self, key: str) -> float:
        """Refuse: headers say in how many seconds, and take it from what was counted."""
        raise NotImplementedError(key)

    def check(self) -> bool:
        """Say that counting works, as it always does."""
        return True

    def reset(self) -> int | None:
        """Refuse: counters end by themselves."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Refuse: counters end by themselves."""
        raise NotImplementedError(key)


def _limiter(
    app: Flask, counters: Counters, key: Callable[[], str], allowed: list[ApplicationLimit]
) -> Limiter:
    options: Any = {"counters": counters}
    limiter = Limiter(
        key,
        app=app,
        application_limits=[*allowed],
        storage_uri=f"{SCHEME}://",
        storage_options=options,
        # An address that leads nowhere costs as much as any other.
        request_identifier=lambda: request.endpoint or "nowhere",
    )
    app.extensions.setdefault(f"{SCHEME}.limiters", []).append(limiter)
    return limiter


def _tell(answer: Response) -> Response:
    """Add `RateLimit-*`: of what is exceeded, else of what is used up most."""
    allowances = _allowances()
    if not allowances:
        return answer
    tightest = min(allowances, key=lambda each: (not each.is_breached, each.left / each.limit))
    answer.headers["RateLimit-Limit"] = str(tightest.limit)
    answer.headers["RateLimit-Remaining"] = str(tightest.left)
    answer.headers["RateLimit-Reset"] = str(tightest.renewed_in_s)
    if tightest.is_breached:
        answer.headers["Retry-After"] = str(tightest.renewed_in_s)
    return answer


def _allowances() -> list[_Allowance]:
    seen = _seen()
    return [
        _Allowance(
            limit=each.limit.amount,
            left=0 if each.breached else max(0, each.limit.amount - counted.used),
            renewed_in_s=max(1, ceil(counted.left_s)) if counted.used else 0,
            is_breached=each.breached,
        )
        for limiter in current_app.extensions[f"{SCHEME}.limiters"]
        for each in limiter.current_limits
        # How many wrong tokens are left says nothing to who has a right one.
        if each.breached or REFUSED not in each.request_args
        if (counted := seen.get(each.key)) is not None
    ]


def _seen() -> dict[str, Count]:
    if "rate_counts" not in g:
        g.rate_counts = {}
    counts: dict[str, Count] = g.rate_counts
    return counts


def _is_free() -> bool:
    return (request.blueprint or "") in FREE


def _cost() -> int:
    return marked(COST, 1)


def _address() -> str:
    """Return the caller's address as one key: also of IPv4 inside IPv6, and of IPv6 by site."""
    written = request.remote_addr or "unknown"
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:  # Of a proxy or a socket that writes something else.
        return written[:64]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, IPV6_SITE), strict=False).network_address)
