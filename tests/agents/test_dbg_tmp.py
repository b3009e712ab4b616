import pytest
from tests.agents.test_runtime_bad_input import desk_on, with_mcp, server
@pytest.mark.asyncio
async def test_dbg(server, tmp_path):
    async with desk_on(server, tmp_path/"a", "deep") as desk:
        session = await desk.rests(await desk.start())
        print("BECAUSE", session.because[:300])
    async with desk_on(server, tmp_path/"b", "dies", document=with_mcp({"tool": "die", "risk": "write"})) as desk:
        session = await desk.rests(await desk.start())
        print(session.status, session.because, [ (c.tool,c.state,c.because, await desk.text(session.id,c.details)) for c in session.calls], server.requests()[-1])
        print([str(e)[:200] for e in await desk.events(session.id)])
