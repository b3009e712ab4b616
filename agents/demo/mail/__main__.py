"""`python -m agents.demo.mail --data FOLDER`: serves the tools for outgoing mail over stdio."""

import argparse
from pathlib import Path

from agents.demo.mail.server import build


def main() -> None:
    parser = argparse.ArgumentParser(prog="agents.demo.mail", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    build(parser.parse_args().data).run()


if __name__ == "__main__":
    main()
