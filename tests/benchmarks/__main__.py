"""`python -m tests.benchmarks [name …]` measures and prints tables; it asserts nothing about time."""

import importlib
import sys

NAMES = ("steps", "decide", "growth", "sizes", "live", "panel", "evidence", "guards", "summary", "toolset", "what_if")


def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in NAMES]:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}.")
        return 2
    for name in names or NAMES:
        importlib.import_module(f"tests.benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
