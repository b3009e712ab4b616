"""A press that meets a redraw. Where what was pressed is drawn anew before the pointer is released, the browser makes no
click of it. The page makes it up where that is safe: on the same button or link, or on a link to the same place. A new
button with the old one's words may belong to something else, so on that nothing happens."""

FOLLOW_PRESS = """<script>(() => {
  const around = (node) => node?.closest?.("a[href], button") ?? null;
  let pressed = null;
  addEventListener("pointerdown", (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    pressed = plain ? { at: event.target, it: around(event.target) } : null;
  }, true);
  addEventListener("pointerup", (event) => {
    const was = pressed, now = around(document.elementFromPoint(event.clientX, event.clientY));
    pressed = null;
    if (!was?.it || !now || was.at.isConnected) return;
    if (now === was.it || (now.href && now.href === was.it.href)) now.click();
  }, true);
})();</script>"""
