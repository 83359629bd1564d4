"""What a person reads of a stack that is ready: where everything is, and a call that works."""

from pathlib import Path

from local.addresses import url
from local.folders import ROOT
from local.health import HOST
from local.settings import LocalSettings

APPOINT = 'make cli ARGS="appoint YOUR_UID admin"'


def ready_text(settings: LocalSettings) -> str:
    """Return the whole message."""
    rows = [
        ("API", f"{url(settings, 'api')}/api/v1   (described at /openapi.json)"),
        ("API reference", f"{url(settings, 'api')}/docs   (for reading: /redoc)"),
        ("Admin page", f"{url(settings, 'api')}/admin/jobs   (first: {APPOINT})"),
        ("Pushes sent", f"{url(settings, 'fcm')}/"),
        ("Mail sent", f"{url(settings, 'mail')}/   (SMTP: {HOST}:{settings.ports['smtp']})"),
        ("Jobs", f"{url(settings, 'cloud_tasks_control')}/"),
        ("Metrics", f"{url(settings, 'api_metrics')}/metrics"),
        ("   of the scheduler", f"{url(settings, 'scheduler_metrics')}/metrics"),
        ("Auth emulator", url(settings, "auth")),
        ("Firestore emulator", f"{HOST}:{settings.ports['firestore']}"),
        ("Functions emulator", url(settings, "functions")),
        ("Cloud Storage", url(settings, "storage")),
        ("Firebase project", settings.project_id),
        ("Logs", _short(settings.logs)),
    ]
    table = "\n".join(f"  {name:<20}{where}" for name, where in rows)
    return (
        f"{table}\n\n"
        f"Sign up and ask who you are:\n\n  {example_call(settings)}\n\n"
        f"Ctrl-C stops everything and keeps the data in {_short(settings.data_dir)}.\n"
    )


def example_call(settings: LocalSettings) -> str:
    """Return one command that signs up a new account at Auth and calls the API with its token."""
    sign_up = f"{url(settings, 'auth')}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local"
    account = (
        """{"email":"you-'"$(date +%s)"'@example.com","password":"local-1","""
        """"returnSecureToken":true}"""
    )
    return (
        f"""curl -s {url(settings, "api")}/api/v1/users/me -H "Authorization: Bearer $("""
        f"""curl -s '{sign_up}' -H 'Content-Type: application/json' """
        f"""-d '{account}'"""
        """ | sed -n 's/.*"idToken": *"\\([^"]*\\)".*/\\1/p')\""""
    )


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
