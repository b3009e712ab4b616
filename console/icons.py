"""The icon sprite: 16 px, 1.5 px stroke, inline SVG that takes the colour of its text. Pure."""

_PATHS = {
    "inbox": '<path d="M2 9h3.3l1 2h3.4l1-2H14"/><path d="M3.6 3h8.8L14 9v4H2V9z"/>',
    "pulse": '<path d="M1.8 8h2.7l2-4.8 3 9.6 2-4.8h2.7"/>',
    "agent": '<rect x="2.8" y="5" width="10.4" height="8" rx="2"/><path d="M8 5V2.4M6 8.6v1M10 8.6v1"/>',
    "plug": '<path d="M6 2v3M10 2v3M4 5h8v2.4a4 4 0 0 1-8 0zM8 11.4V14"/>',
    "chip": '<rect x="4" y="4" width="8" height="8" rx="1.5"/>'
    '<path d="M6.5 1.8V4M9.5 1.8V4M6.5 12v2.2M9.5 12v2.2M1.8 6.5H4M1.8 9.5H4M12 6.5h2.2M12 9.5h2.2"/>',
    "people": '<circle cx="6" cy="5.4" r="2.4"/>'
    '<path d="M1.8 13.2c.3-2.4 1.9-3.8 4.2-3.8s3.9 1.4 4.2 3.8M10.4 3.2a2.3 2.3 0 0 1 0 4.4M12 9.8c1.3.5 2 1.7 2.2 3.4"/>',
    "check": '<path d="M3 8.6l3.2 3L13 4.6"/>',
    "x": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "edit": '<path d="M10.8 2.7l2.5 2.5-7.7 7.6-3.1.7.7-3.1z"/>',
    "msg": '<path d="M2.4 3.2h11.2v7.6H7.2L4.2 13.4v-2.6H2.4z"/>',
    "arrow": '<path d="M2.8 8h10.4M9.4 4.2L13.2 8l-3.8 3.8"/>',
    "chevron": '<path d="M6 4l4 4-4 4"/>',
    "down": '<path d="M4 6l4 4 4-4"/>',
    "back": '<path d="M10 4L6 8l4 4"/>',
    "user": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.9 13.4c.5-2.7 2.4-4.1 5.1-4.1s4.6 1.4 5.1 4.1"/>',
    "tool": '<path d="M9.9 2.6a3.4 3.4 0 0 0-3.6 4.6l-3.7 3.7a1.6 1.6 0 0 0 2.3 2.3l3.8-3.7a3.4 3.4 0 0 0 4.4-4.5L11 7.1 '
    '8.9 5z"/>',
    "warn": '<path d="M8 2.4L14.3 13H1.7zM8 6.4v3M8 11.2v.1"/>',
    "hidden": '<path d="M2 8c1.4-2.6 3.4-4 6-4s4.6 1.4 6 4c-1.4 2.6-3.4 4-6 4s-4.6-1.4-6-4zM3 13L13 3"/>',
    "eye": '<path d="M2 8c1.4-2.6 3.4-4 6-4s4.6 1.4 6 4c-1.4 2.6-3.4 4-6 4s-4.6-1.4-6-4z"/><circle cx="8" cy="8" r="1.7"/>',
    "pause": '<path d="M5.6 3.6v8.8M10.4 3.6v8.8"/>',
    "stop": '<rect x="3.8" y="3.8" width="8.4" height="8.4" rx="1.2"/>',
    "play": '<path d="M5 3.4v9.2l7.4-4.6z"/>',
    "lock": '<rect x="3.4" y="7" width="9.2" height="6.4" rx="1.3"/><path d="M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2"/>',
    "shield": '<path d="M8 1.9l5 1.9v3.6c0 3.2-2.1 5.5-5 6.6-2.9-1.1-5-3.4-5-6.6V3.8z"/>',
    "drift": '<path d="M2 5.6c2-1.9 4-1.9 6 0s4 1.9 6 0M2 10.6c2-1.9 4-1.9 6 0s4 1.9 6 0"/>',
    "undo": '<path d="M5.4 3.6l-3 3 3 3M2.6 6.6h7.2a3.4 3.4 0 0 1 0 6.8H7"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "flag": '<path d="M4 14V2.6h8L10.4 6 12 9.4H4"/>',
    "fold": '<path d="M3 2.8h10M3 13.2h10M8 4.6v2.2M6.4 5.6L8 7.2l1.6-1.6M8 11.4V9.2M6.4 10.4L8 8.8l1.6 1.6"/>',
    "recall": '<path d="M2.8 3v3.2H6M2.9 6.1A5.6 5.6 0 1 1 2.4 8M8 5.2V8l1.8 1.4"/>',
    "scale": '<path d="M8 2.4v11M4.8 13.4h6.4M3 4.4h10M3 4.6L1.4 9h3.4zM13 4.6L11.2 9h3.4z"/>',
    "equals": '<path d="M3 6h10M3 10h10"/>',
    "braces": '<path d="M6 2.5c-1.6 0-2 .7-2 2v1.4c0 1.2-.5 1.8-1.6 2.1 1.1.3 1.6.9 1.6 2.1v1.4c0 1.3.4 2 2 2M10 2.5c1.6 0 2 .7 '
    '2 2v1.4c0 1.2.5 1.8 1.6 2.1-1.1.3-1.6.9-1.6 2.1v1.4c0 1.3-.4 2-2 2"/>',
    "link": '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 '
    '0 0 3.7 3.7l.8-.8"/>',
    "search": '<circle cx="7" cy="7" r="4.4"/><path d="M10.4 10.4l3.2 3.2"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/>'
    '<path d="M8 1.8v1.6M8 12.6v1.6M1.8 8h1.6M12.6 8h1.6M3.6 3.6l1.1 1.1M11.3 11.3l1.1 1.1M3.6 12.4l1.1-1.1M11.3 4.7l1.1-1.1"/>',
    "moon": '<path d="M12.9 9.9A5.6 5.6 0 0 1 6.1 3.1a5.6 5.6 0 1 0 6.8 6.8z"/>',
    "out": '<path d="M6.4 13H3.2V3h3.2M10 5l3 3-3 3M13 8H6.6"/>',
    "home": '<path d="M2.2 7.6L8 2.6l5.8 5M3.8 6.6V13h8.4V6.6M6.6 13V9.4h2.8V13"/>',
    "sliders": '<path d="M2 5h5.4M11.2 5H14M2 11h2.8M8.6 11H14"/><circle cx="9.3" cy="5" r="1.8"/>'
    '<circle cx="6.7" cy="11" r="1.8"/>',
    "clock": '<circle cx="8" cy="8" r="5.9"/><path d="M8 4.6V8l2.4 1.6"/>',
    "list": '<path d="M5.4 4h8.2M5.4 8h8.2M5.4 12h8.2M2.4 4h.1M2.4 8h.1M2.4 12h.1"/>',
    "gear": '<circle cx="8" cy="8" r="2.2"/><path d="M8 1.8v1.8M8 12.4v1.8M1.8 8h1.8M12.4 8h1.8M3.6 3.6l1.3 1.3M11.1 11.1l1.3 '
    '1.3M12.4 3.6l-1.3 1.3M4.9 11.1l-1.3 1.3"/>',
    "pin": '<path d="M5.4 2.4h5.2M6.2 2.4v4L4.4 9h7.2L9.8 6.4v-4M8 9v4.8"/>',
    "bulb": '<path d="M5.8 11.2h4.4M6.6 13.6h2.8M5.8 11.2C4.6 10.2 4 9 4 7.6a4 4 0 0 1 8 0c0 1.4-.6 2.6-1.8 3.6"/>',
    "download": '<path d="M8 2.4v7.8M4.8 7.2L8 10.4l3.2-3.2M2.6 13.4h10.8"/>',
    "help": '<circle cx="8" cy="8" r="5.9"/><path d="M6.3 6.3A1.8 1.8 0 1 1 8 8.7v.7M8 11.3v.1"/>',
}
LOGO = (
    '<svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" aria-hidden="true">'
    '<path d="M3 3v14h14"/><path d="M3 3a14 14 0 0 1 14 14"/><path d="M3 17L10.2 9.8"/>'
    '<path d="M7.4 3.7l-.6 1.7M12.9 7.1l-1.3 1.3M16.3 12.6l-1.7.6" stroke-width="1.2"/></svg>'
)


def icon(name: str, size: str = "") -> str:
    """Inline SVG of one icon; `size` is "" (16 px), "md" (14 px) or "sm" (12 px)."""
    extra = f" qd-{size}" if size else ""
    return f'<svg class="qd-i{extra}" viewBox="0 0 16 16" aria-hidden="true">{_PATHS[name]}</svg>'
