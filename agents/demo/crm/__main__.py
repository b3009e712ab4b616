"""`python -m agents.demo.crm --database PATH`: seeds the file if it does not exist, then serves MCP."""

import argparse
from datetime import date
from pathlib import Path

from agents.demo.crm.seed import seed
from agents.demo.crm.server import build
from agents.demo.crm.toolbox import Shop


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="agents.demo.crm", description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--today", type=date.fromisoformat, help="the desk's date; the real one if left out")
    parser.add_argument("--http", type=int, metavar="PORT", help="streamable HTTP on 127.0.0.1 instead of stdio")
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    if not options.database.exists():
        seed(options.database, number=options.seed, today=options.today or date.today())
    server = build(Shop.from_environment(options.database, options.today))
    if options.http is None:
        server.run()
    else:
        server.run("streamable-http", host="127.0.0.1", port=options.http)


if __name__ == "__main__":
    main()
