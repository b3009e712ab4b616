"""What people read of a session's status."""

import pytest

from console.statuses import shown


@pytest.mark.parametrize(
    ("recorded", "at_work", "read"),
    [
        ("queued", False, "queued"),
        ("queued", True, "running"),
        ("running", False, "running"),
        ("paused", True, "paused"),
        ("waiting_approval", True, "waiting_approval"),
        ("stopped", True, "stopped"),
    ],
)
def test_only_what_waits_for_its_turn_is_queued(recorded: str, at_work: bool, read: str) -> None:
    assert shown({"id": "s1", "status": recorded}, at_work=at_work) == {"id": "s1", "status": read}
