"""NiceGUI runs props whose name begins with ":", and its parser can be talked into making one: no data goes through it."""

import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"
FILES = sorted(CONSOLE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CONSOLE)))
def test_no_data_is_formatted_into_a_props_string(path: Path) -> None:
    formatted = re.findall(r"\.props\(\s*f['\"].*\{(?!OUTLINED\}|more\})[^}]*\}.*", path.read_text(encoding="utf-8"))
    assert formatted == [], 'use element.props["name"] = value instead'
