"""Servers as child processes, good and bad: what a call brings, what health says, and that nothing is left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.config import Connector
from agents.tools.definition import ConnectorDown, ToolFailure
from agents.tools.registry import Registry

from .conftest import SECRETS, desk, eventually, gone, make_registry, raw, until

ARGUMENTS = (
    '{"a":50,"b":50.0,"big":9007199254740993,"bigger":12345678901234567890123,"deep":{"list":[1,[2.50,null,{"x":[]}]]},'
    '"exponent":1e-7,"minus":-0.0,"none":null,"text":"Zoë – 東京 😀 \\u0000 \\u2028","é":true}'
)


async def test_a_process_is_connected_listed_and_called(registry: Registry) -> None:
    await registry.apply([desk()])
    assert registry.health("desk").state == "connecting"
    tools = {tool.name: tool for tool in await registry.definitions("desk")}
    assert tools["look_up"].annotations == {"readOnlyHint": True}
    assert tools["fail"].annotations == {}
    assert tools["look_up"].input_schema["properties"]["order"]["type"] == "integer"
    output = await registry.call("desk", "look_up", '{"order": 7}', timeout_seconds=5)
    assert (output.text, output.is_error) == ("order 7", False)
    health = registry.health("desk")
    assert health.state == "up"
    assert health.because == "Connected: 7 tools."
    assert health.latency_ms is not None


async def test_a_tool_that_fails_says_so_and_structured_output_and_pictures_are_told(registry: Registry) -> None:
    await registry.apply([desk()])
    failed = await registry.call("desk", "fail", "{}", timeout_seconds=5)
    assert failed.is_error
    assert "no such order" in failed.text
    measured = await registry.call("desk", "measure", "{}", timeout_seconds=5)
    assert measured.structured == {"weight": 12}
    seen = await registry.call("desk", "picture", "{}", timeout_seconds=5)
    assert seen.text == "see\n[image image/png, 12 kB]"
    unknown = await registry.call("desk", "no_such_tool", "{}", timeout_seconds=5)
    assert unknown.is_error


async def test_fifty_calls_run_in_parallel(registry: Registry) -> None:
    await registry.apply([desk()])
    outputs = await asyncio.gather(*(registry.call("desk", "meet", "{}", timeout_seconds=10) for _ in range(50)))
    assert {output.text for output in outputs} == {"met"}


async def test_the_arguments_travel_untouched(registry: Registry) -> None:
    await registry.apply([raw("echo")])
    output = await registry.call("raw", "echo", ARGUMENTS, timeout_seconds=5)
    assert_untouched(output.text)


def assert_untouched(line: str) -> None:
    arrived = json.loads(line, parse_float=lambda text: ("float", float(text)))["params"]["arguments"]
    assert repr(arrived) == repr(json.loads(ARGUMENTS, parse_float=lambda text: ("float", float(text))))
    for literal in ('"a":50,', '"b":50.0,', ":9007199254740993,", ":12345678901234567890123,", "東京 😀"):
        assert literal in line


@pytest.mark.parametrize("bad", ["[1]", "{", '{"a": NaN}', '{"a": 1e400}', '{"a": "\\ud800"}'])
async def test_arguments_that_would_not_arrive_as_approved_are_not_sent(registry: Registry, bad: str) -> None:
    await registry.apply([raw("echo")])
    with pytest.raises(ToolFailure) as failure:
        await registry.call("raw", "echo", bad, timeout_seconds=5)
    assert failure.value.outcome == "not_sent"


async def test_a_server_that_dies_in_a_call_leaves_its_outcome_unknown_and_is_started_again(registry: Registry) -> None:
    await registry.apply([raw("echo")])
    with pytest.raises(ToolFailure, match="raw was lost during the call, which may or may not") as failure:
        await registry.call("raw", "die", "{}", timeout_seconds=5)
    assert failure.value.outcome == "unknown"
    assert (await registry.call("raw", "echo", "{}", timeout_seconds=5)).text
    assert registry.health("raw").stderr_tail == ("about to die",)


async def test_a_server_that_dies_while_idle_is_noticed_at_once_so_the_next_call_is_not_lost(
    registry: Registry,
) -> None:
    await registry.apply([raw("echo")])
    pid = int((await registry.call("raw", "pid", "{}", timeout_seconds=5)).text)
    os.kill(pid, signal.SIGKILL)
    health = await until(registry, "raw", "connecting")
    assert health.because == "The connection to raw was lost; connecting again."
    assert int((await registry.call("raw", "pid", "{}", timeout_seconds=5)).text) != pid


async def test_a_call_that_is_not_answered_in_time_is_unknown_and_the_connection_stays(registry: Registry) -> None:
    await registry.apply([raw("echo")])
    pid = await registry.call("raw", "pid", "{}", timeout_seconds=5)
    with pytest.raises(ToolFailure, match="did not answer in time") as failure:
        await registry.call("raw", "keep_silent", "{}", timeout_seconds=0.05)
    assert failure.value.outcome == "unknown"
    await registry.refresh("raw")
    assert await registry.call("raw", "pid", "{}", timeout_seconds=5) == pid


async def test_a_server_that_hangs_altogether_is_replaced() -> None:
    registry = make_registry(list_seconds=0.3)
    await registry.apply([raw("echo")])
    await registry.definitions("raw")
    with pytest.raises(ToolFailure):
        await registry.call("raw", "hang", "{}", timeout_seconds=0.05)
    await until(registry, "raw", "down")
    assert registry.health("raw").because == "raw is not connected: it did not answer in time."
    assert (await registry.call("raw", "echo", "{}", timeout_seconds=8)).text
    await registry.close()


async def test_a_call_given_up_by_its_caller_leaves_the_connection_alone(registry: Registry) -> None:
    await registry.apply([raw("echo")])
    pid = await registry.call("raw", "pid", "{}", timeout_seconds=5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(registry.call("raw", "keep_silent", "{}", timeout_seconds=60), 0.05)
    assert await registry.call("raw", "pid", "{}", timeout_seconds=5) == pid


async def test_what_a_server_refuses_goes_back_as_its_words(registry: Registry) -> None:
    await registry.apply([raw("bad_arguments")])
    output = await registry.call("raw", "echo", "{}", timeout_seconds=5)
    assert (output.text, output.is_error) == ("The tool refused the call: amount is missing", True)


async def test_an_error_of_the_servers_own_that_looks_like_a_lost_connection_is_an_answer(registry: Registry) -> None:
    await registry.apply([raw("own_error")])
    output = await registry.call("raw", "echo", "{}", timeout_seconds=5)
    assert (output.text, output.is_error) == ("The tool failed: the ledger is locked", True)


async def test_an_answer_of_the_wrong_shape_is_unknown(registry: Registry) -> None:
    await registry.apply([raw("shape")])
    with pytest.raises(ToolFailure, match="something that is no result") as failure:
        await registry.call("raw", "echo", "{}", timeout_seconds=5)
    assert failure.value.outcome == "unknown"


async def test_junk_on_stdout_is_survived_and_told(registry: Registry) -> None:
    await registry.apply([raw("junk")])
    assert (await registry.call("raw", "echo", "{}", timeout_seconds=5)).text
    health = registry.health("raw")
    assert health.because == "Connected: 1 tool; it prints text to stdout that is not MCP (3 lines)."
    assert "[stdout] Welcome to the server!" in health.stderr_tail


async def test_a_server_that_exits_at_once_is_down_with_its_last_words(registry: Registry) -> None:
    await registry.apply([raw("exit")])
    health = await until(registry, "raw", "down")
    assert health.because.startswith("raw is not connected: its process ended before it answered. It last said:")
    assert "no database" in health.because
    assert all(len(line) <= 500 and line.isprintable() for line in health.stderr_tail)
    with pytest.raises(ConnectorDown, match="no database") as down:
        await registry.definitions("raw", wait_seconds=0.01)
    assert down.value.outcome == "not_sent"


async def test_an_unknown_command_is_down_at_once_for_everybody_waiting(registry: Registry) -> None:
    await registry.apply([Connector(name="nope", kind="mcp_stdio", command="no-such-command-xyz")])
    with pytest.raises(ConnectorDown, match="“no-such-command-xyz” of connector nope was not found"):
        await registry.call("nope", "x", "{}", timeout_seconds=600)
    assert registry.health("nope").state == "down"


async def test_a_missing_secret_is_named_and_never_its_value(registry: Registry) -> None:
    await registry.apply([desk(SECRET="secret:GONE")])
    with pytest.raises(ConnectorDown, match="There is no value for secret:GONE"):
        await registry.definitions("desk")


async def test_a_server_that_never_answers_runs_out_of_time_to_connect() -> None:
    registry = make_registry(connect_seconds=0.3, longest_retry_seconds=0.1)
    await registry.apply([raw("mute")])
    health = await until(registry, "raw", "down")
    assert health.because == "raw is not connected: it did not answer within 0.3 seconds."
    await registry.close()


async def test_a_slow_start_is_connecting_meanwhile_and_calls_wait_for_it(registry: Registry, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    await registry.apply([raw("late", GATE=str(gate))])
    call = asyncio.create_task(registry.call("raw", "echo", "{}", timeout_seconds=8))
    with pytest.raises(ConnectorDown, match="raw is not connected yet: Starting “python”"):
        await registry.definitions("raw", wait_seconds=0.05)
    assert registry.health("raw").state == "connecting"
    await asyncio.to_thread(gate.write_text, "go")
    assert (await call).text


async def test_all_pages_of_a_long_list_are_read(registry: Registry) -> None:
    await registry.apply([raw("paged")])
    tools = await registry.definitions("raw")
    assert [tool.name for tool in tools] == [f"tool_{n}" for n in range(250)]
    assert tools[0].annotations == {}


@pytest.mark.parametrize(
    ("mode", "why"), [("endless", "more than 100 pages"), ("bad_list", "not as the protocol says")]
)
async def test_a_list_that_cannot_be_used_is_told(registry: Registry, mode: str, why: str) -> None:
    await registry.apply([raw(mode)])
    assert why in (await until(registry, "raw", "down")).because


@pytest.mark.parametrize("announced", ["true", "false"])
async def test_tools_that_change_at_run_time_are_noticed(registry: Registry, announced: str) -> None:
    await registry.apply([desk()])
    before = {tool.name: tool.hash for tool in await registry.definitions("desk")}
    await registry.call("desk", "grow", f'{{"announce": {announced}}}', timeout_seconds=5)
    if announced == "false":
        await registry.refresh("desk")
    await eventually(registry, lambda: len(registry.known("desk") or ()) == len(before) + 1)
    assert {tool.name for tool in registry.known("desk") or ()} - set(before) == {"added"}


async def test_a_server_gets_an_environment_of_its_own(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "ours")
    await registry.apply([desk(SECRET="secret:PASSWORD", PLAIN="as it is")])
    seen = (await registry.call("desk", "surroundings", "{}", timeout_seconds=5)).structured
    assert seen is not None
    assert seen["environment"]["SECRET"] == SECRETS["secret:PASSWORD"]
    assert seen["environment"]["PLAIN"] == "as it is"
    assert "OPENAI_API_KEY" not in seen["environment"]
    assert seen["path"] == sys.executable
    assert (Path(seen["cwd"]) / "agents" / "config.py").is_file()
    assert registry.health("desk").stderr_tail[0] == "logging in with •••"


async def test_nothing_a_server_prints_reaches_our_own_output(
    registry: Registry, capfd: pytest.CaptureFixture[str]
) -> None:
    await registry.apply([raw("junk")])
    await registry.definitions("raw")
    await registry.apply([raw("exit")])
    await until(registry, "raw", "down")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["echo", "deaf"])
async def test_closing_ends_the_process(mode: str) -> None:
    registry = make_registry()
    await registry.apply([raw(mode)])
    await registry.definitions("raw")
    pids = _children()
    assert pids
    await registry.close()
    assert not pids & _children()
    with pytest.raises(ConnectorDown, match="no connector named raw"):
        await registry.definitions("raw")


def _children() -> set[str]:
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "mcp_"], capture_output=True, text=True, check=False)
    return set(found.stdout.split())


async def test_closing_does_not_wait_for_a_connection_that_is_still_being_made() -> None:
    registry = make_registry()
    await registry.apply([raw("mute")])
    await asyncio.wait_for(registry.close(), 8)
    assert not _children()


PARENT = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.agents.tools.conftest import raw, make_registry
async def main():
    registry = make_registry()
    await registry.apply([raw("stubborn", GATE={gate!r})])
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the end of its stdin tells a server to go")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_even_a_stubborn_server_does_not_outlive_us(how: signal.Signals, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    program = PARENT.format(root=str(Path(__file__).parents[3]), gate=str(gate))
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    child = int(await asyncio.to_thread(gate.read_text))
    parent.send_signal(how)
    await parent.wait()
    await gone(child)
