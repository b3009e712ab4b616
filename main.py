"""Quarterdeck: read the arguments, open the store, start the runtime, and show the console."""

import argparse
import os
import signal
import sys
import webbrowser


def main() -> int:
    from console import command_line

    arguments = command_line.parser().parse_args()
    match arguments.command:
        case "token":
            limits = (arguments.days, arguments.agents)
            return command_line.new_token(arguments.data, arguments.name, arguments.role, *limits)
        case "link":
            return command_line.new_link(arguments.data, arguments.name)
        case "check":
            return command_line.check(arguments.data)
    return serve(arguments)


def serve(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; 1 with a sentence when that cannot even begin."""
    os.environ["NICEGUI_STORAGE_PATH"] = str(arguments.data / "nicegui")  # read when NiceGUI is imported
    from console import start
    from store.errors import StoreError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        port = start.free_port(arguments.host, arguments.port)
        desk = start.open_desk(arguments.data, arguments.database)
    except (StoreError, start.CannotListen) as error:
        print(error, file=sys.stderr)
        return 1

    from nicegui import app, ui
    from nicegui.server import Server

    from console.app import ASSETS, create_app

    create_app(desk, trusted_proxy=arguments.behind_proxy)
    running = start.Running(desk, empty=arguments.empty)
    url = start.url_of(arguments.host, port)

    def say(link: str | None) -> None:
        print(f"Quarterdeck is at {url}", flush=True)
        if link:
            print(f"Open {url}{link} to sign in (once, within 24 hours)", flush=True)
        if not arguments.no_browser and start.has_screen():
            webbrowser.open(f"{url}{link or '/'}")

    async def open_all() -> None:
        await running.open(lambda: Server.instance.started, say)

    app.on_startup(open_all)
    app.on_shutdown(running.close)
    ui.run(
        host=arguments.host,
        port=port,
        reload=False,
        show=False,
        title="Quarterdeck",
        favicon=ASSETS / "favicon.svg",
        dark=None,
        reconnect_timeout=30,
        show_welcome_message=False,
        uvicorn_logging_level="warning",
        tailwind=False,  # our own sheet dresses every page
        ws_per_message_deflate=False,  # halves what an open page costs in memory
        proxy_headers=False,  # uvicorn would believe X-Forwarded-* from anybody on this machine
        server_header=False,
        timeout_graceful_shutdown=3,  # pages keep their sockets open; nobody has to wait for them
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
