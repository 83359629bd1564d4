"""
What single routes ask of their caller, beyond what their blueprint does.

Decorators mark the view, and `auth` reads the marks before the view runs. They go between the
route and `arguments`: whatever wraps a view keeps its marks.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., object])

RECENT_SIGN_IN = "asks_for_recent_sign_in"
REGISTERED = "asks_for_registered_people"
VERIFIED = "asks_for_verified_email"
FORM = "takes_a_form"
ONE_CLICK = "takes_one_click"
MAIL = "takes_a_mail"


def recent_sign_in(view: View) -> View:
    """
    Let in only who signed in lately, for acts that a stolen phone must not be able to do.

    Such a route also asks Firebase Auth at once whether the account still holds, and uses up
    the App Check token where App Check is enforced.
    """
    setattr(view, RECENT_SIGN_IN, True)
    return view


def registered_only(view: View) -> View:
    """Let in only people with an account that can be signed in to again: no anonymous guests."""
    setattr(view, REGISTERED, True)
    return view


def verified_only(view: View) -> View:
    """
    Let in only people who have proved that their e-mail address is theirs.

    The ID token says so; one issued before the proof is renewed by the app.
    """
    setattr(view, VERIFIED, True)
    return view


def takes_form(view: View) -> View:
    """Take the body as browsers send forms, and not as JSON: for pages, which have no script."""
    setattr(view, FORM, True)
    return view


def takes_one_click(view: View) -> View:
    """
    Take whatever form mail programs send to unsubscribe somebody (RFC 8058), or none.

    The address says it all: the view must not look at the body.
    """
    setattr(view, ONE_CLICK, True)
    return takes_form(view)


def takes_mail(view: View) -> View:
    """Take the body as a mail (RFC 5322), and not as JSON. The view reads it as it came."""
    setattr(view, MAIL, True)
    return view


def route_asks_for(mark: str) -> bool:
    """Say whether the view of the current request carries a mark."""
    return marked(mark, False)


def marked(mark: str, default: T) -> T:
    """Return what the view of the current request is marked with, or `default`."""
    view = current_app.view_functions.get(request.endpoint or "")
    value: T = getattr(view, mark, default)
    return value
