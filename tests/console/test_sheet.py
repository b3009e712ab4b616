"""The style sheet, the icons and the script: ours alone, complete, and from nowhere else."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from console import icons

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
SHEET = re.sub(r"/\*.*?\*/", "", (ASSETS / "app.css").read_text(), flags=re.DOTALL)
FOREIGN = ("qd-", "q-", "nicegui-", "body--", "hl-", "bg-")
"""Ours, and the classes of Quasar, NiceGUI and the code colours which we restyle."""


def test_our_classes_carry_our_prefix() -> None:
    selectors = re.sub(r"url\([^)]*\)|\{[^{}]*\}", "{}", SHEET)
    names = re.findall(r"(?<![\w-])\.([a-zA-Z][\w-]*)", selectors)  # a state behind one of ours can hit nothing else
    assert [name for name in names if not name.startswith(FOREIGN)] == []


@pytest.mark.parametrize("file", ["app.css", "qd.js", "favicon.svg"])
def test_nothing_is_fetched_from_elsewhere(file: str) -> None:
    text = (ASSETS / file).read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(\s*[\"']?//|@import", text)


def test_every_font_of_the_sheet_is_there_with_its_licence() -> None:
    fonts = re.findall(r"url\((fonts/[^)]+)\)", SHEET)
    assert len(fonts) == 4
    assert all((ASSETS / font).read_bytes()[:4] == b"wOF2" for font in fonts)
    for name in ("inter", "jetbrains-mono"):
        assert "SIL OPEN FONT LICENSE" in (ASSETS / "fonts" / f"{name}-OFL.txt").read_text().upper()


def colours(selector: str) -> dict[str, str]:
    found = re.search(re.escape(selector) + r"\{(.*?)\}", SHEET, flags=re.DOTALL)
    assert found is not None
    return dict(re.findall(r"--([\w-]+):(#[0-9a-fA-F]{3,6})\b", found[1]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    (ink, ground)
    for ink in ("ink", "ink-2", "ink-3", "sea", "brass", "port", "star", "plum")
    for ground in ("surface", "bg")
]
PAIRS += [(tone, f"{tone}-soft") for tone in ("sea", "brass", "port", "star", "plum")] + [
    ("on", "sea"),
    ("ink-2", "sunken"),
]


@pytest.mark.parametrize("theme", [":root", "body.body--dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_can_be_read_on_its_ground(theme: str, text: str, ground: str) -> None:
    """4.5 to 1, as WCAG 2.2 asks for text of this size (1.4.3)."""
    palette = colours(theme)
    assert contrast(palette[text], palette[ground]) >= 4.5


def test_both_themes_name_the_same_colours() -> None:
    assert set(colours("body.body--dark")) == set(colours(":root"))


@pytest.mark.parametrize("name", icons._PATHS)
def test_an_icon_is_well_formed_and_draws_only(name: str) -> None:
    for size in ("", "md", "sm"):
        svg = ET.fromstring(icons.icon(name, size))
        assert {part.tag for part in svg.iter()} <= {"svg", "path", "circle", "rect"}
        assert svg.get("aria-hidden") == "true"


def test_every_icon_that_is_asked_for_exists() -> None:
    asked = {
        name
        for file in (ROOT / "console").rglob("*.py")
        for name in re.findall(r"\bicon\(\s*\"(\w+)\"", file.read_text())
    }
    assert asked <= set(icons._PATHS)
