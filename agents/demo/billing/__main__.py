"""`python -m agents.demo.billing --database PATH --port N`: seeds the file if there is none, serves, prints its port."""

import argparse
import signal
import sys
from datetime import date
from pathlib import Path

from agents.demo.billing.books import Books, seed
from agents.demo.billing.server import build


def main() -> None:
    parser = argparse.ArgumentParser(prog="agents.demo.billing", description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="another free one is taken where this is in use")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not options.database.exists():
        half = options.database.with_suffix(".new")
        half.unlink(missing_ok=True)
        seed(half, date.today())
        half.rename(options.database)
    try:
        server = build(Books(options.database), options.port)
    except OSError:
        server = build(Books(options.database), 0)
    print(server.server_address[1], flush=True)  # noqa: T201  (it is how we are found)
    server.serve_forever()


if __name__ == "__main__":
    main()
