"""
From settings to services: the only folder that names concrete classes.

`ports` is the outside world; `foundation` what most of the services stand on; `letters`, `works`
and `alarms` are the tables of what is sent, done at length, and done at an instant; `services` is
what entry points call.
"""

from backend.bootstrap.ports import Ports, build_ports
from backend.bootstrap.services import Services, build_services

__all__ = ["Ports", "Services", "build_ports", "build_services"]
