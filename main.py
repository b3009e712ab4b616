"""Quarterdeck: read the arguments, open the store, start the runtime, and show the console."""

import os
import sys
from datetime import UTC, datetime

os.environ.setdefault("NICEGUI_STORAGE_PATH", os.path.join("data", "nicegui"))


def main() -> int:
    from console import command_line

    arguments = command_line.parser().parse_args()
    match arguments.command:
        case "token":
            return command_line.new_token(arguments.data, arguments.name, arguments.role)
        case "link":
            return command_line.new_link(arguments.data, arguments.name)
        case "check":
            return command_line.check(arguments.data)
    return serve(arguments)


if __name__ in {"__main__", "__mp_main__"}:
    sys.exit(main())
