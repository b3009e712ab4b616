"""Each benchmark runs, at the smallest size; what it measures is nobody's business here."""

import pytest

from tests.benchmarks import decide, growth, panel, sizes, steps, summary, what_if


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: steps.main({1: 1}, 1), "against a bare litellm loop"),
        (lambda: decide.main(paused=2, clicks=1, idle_seconds=0.1), "restart until ready"),
        (lambda: growth.main(events=1, rounds=1), "CPU per step"),
        (lambda: sizes.main(sessions=1), "kB"),
        (lambda: panel.main(rounds=1), "three votes at once"),
        (lambda: summary.main(turns=2), "no summariser"),
        (lambda: what_if.main(calls=20, rounds=2), "longest wait of the loop"),
    ],
    ids=["steps", "decide", "growth", "sizes", "panel", "summary", "what_if"],
)
def test_a_benchmark_runs_and_prints_its_table(run, says, capsys: pytest.CaptureFixture[str]) -> None:
    run()
    assert says in capsys.readouterr().out
