"""Turns `env:NAME` and `secret:NAME` into their values, at the moment of connecting. Pure but for `resolve`."""

from collections.abc import Callable, Mapping

from ..config import is_sign_in
from .errors import CannotStart


def resolved(values: Mapping[str, str], resolve: Callable[[str], str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values, and among them the secret ones (which nothing may print)."""
    plain: dict[str, str] = {}
    secrets: list[str] = []
    for name, value in values.items():
        if value.startswith(("env:", "secret:")):
            value = _looked_up(value, resolve)
            secrets.append(value)
        plain[name] = value
    return plain, tuple(secrets)


def _looked_up(reference: str, resolve: Callable[[str], str]) -> str:
    if is_sign_in(reference):
        raise CannotStart(f"{reference} is somebody's sign-in, which no other connector may use.")
    try:
        return resolve(reference)
    except KeyError as error:
        raise CannotStart(f"There is no value for {reference}, which this connector needs.") from error
