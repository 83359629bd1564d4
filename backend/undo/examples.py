"""Undo as the API's description shows it. A test sends these."""

from typing import Any

UNDO: dict[str, Any] = {"token": "eyJ1aWQiOiJxMld2Rzd4aFRuUTBiWXRKM21LcDVzTGQ4UmZBIn0.Xy3b8Q"}

UNDONE: dict[str, Any] = {
    "undone": ["workspaces/Gd4hS8kLw2Nq6Ux0Yb3C/tasks/Zk3vQ0aXy7Lr5TnWb2Pd"],
    "kept": [],
}
