"""The example policy on a workspace's columns, and an engine for worked cases."""

from __future__ import annotations

from tests.unit.rules.conftest import engine, world  # noqa: F401
