"""A session's own text can be searched: what is found, what is never found, and what cannot break the search."""

import asyncio
from typing import Any

import pytest

from store.database import Database, run
from store.event_log import EventLog
from store.events import (
    CallProposed,
    CallState,
    InputChecked,
    MessageReceived,
    Release,
    Risk,
    ToolFinished,
    ToolStarted,
    TurnEnded,
)
from store.passage_texts import LONGEST, MOST_PIECES
from store.passages import Passage, Passages
from store.payloads import Payload, seal

from .scenes import DIGEST, Refuse, Refused, decided, hold, record, replied, start

pytestmark = pytest.mark.asyncio
PART = seal("[]")


@pytest.fixture
def passages(database: Database) -> Passages:
    return Passages(database)


def said(seq: int, text: str, turn: int = 1, kind: Any = "user") -> Passage:
    return Passage(seq=seq, turn=turn, kind=kind, text=text)


async def seqs(passages: Passages, *terms: str, session_id: str = "s1", **limits: Any) -> list[int]:
    return [one.seq for one in await passages.search(session_id, terms, limits.pop("limit", 10), **limits)]


# ── searching ─────────────────────────────────────────────────────────────────────────────────────────────────────

LINES = {
    2: "Please refund R-1034, the lamp arrived broken.",
    5: "Write to ann.lee@example.com about invoice 2026/0007.",
    8: "The amount was 1,234.50 EUR; the customer is Jörg Müller.",
    11: "Two deliveries were late, the carrier apologised.",
    14: "Order R-1043 is fine.",
}


@pytest.fixture
async def known(passages: Passages) -> Passages:
    await passages.index("s1", [said(seq, text, turn=seq // 3) for seq, text in LINES.items()])
    return passages


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("R-1034", [2]), ("r-1034", [2]), ("1034", [2]), ("R-1043", [14]), ("ann.lee@example.com", [5]),
        ("2026/0007", [5]), ("1,234.50", [8]), ("Jorg", [8]), ("MÜLLER", [8]), ("delivery", [11]), ("carriers", [11]),
        ("refunded", [2]), ("turn 2", [8]), ("Runde 4", [14]), ("elephant", []),
    ],
)  # fmt: skip
async def test_ids_amounts_addresses_and_inflected_words_are_found(
    known: Passages, term: str, found: list[int]
) -> None:
    assert await seqs(known, term) == found


async def test_what_fits_more_terms_comes_first_and_says_where_it_stood(known: Passages) -> None:
    best, *others = await known.search("s1", ["R-1034", "lamp", "order"], 10)
    assert (best.seq, best.turn, best.kind, best.text) == (2, 0, "user", LINES[2])
    assert all(best.score > one.score for one in others)
    assert len(await known.search("s1", ["R-1034", "lamp", "order"], 1)) == 1


async def test_only_what_stands_before_an_event_is_found(known: Passages) -> None:
    assert await seqs(known, "R-1034", "R-1043", before_seq=14) == [2]
    assert await seqs(known, "R-1034", "R-1043", before_seq=2) == []
    assert set(await seqs(known, "R-1034", "R-1043", before_seq=1 << 70)) == {2, 14}


async def test_another_sessions_text_is_never_found(known: Passages) -> None:
    await known.index("s2", [said(2, "R-1034 belongs to somebody else.")])
    assert await seqs(known, "R-1034") == [2]
    assert await seqs(known, "R-1034", "somebody", session_id="s2") == [2]
    assert await seqs(known, "somebody") == []
    assert await seqs(known, "R-1034", session_id="s3") == []


@pytest.mark.parametrize(
    "term",
    [
        '"', "'", '" OR 1=1 --', "AND", "NOT", "NEAR(a b)", "text : x", "*", "^a", "-", "(", "", "\x00", "a\x00b",
        "\ud800", "refund\ud800", "{text} : *", "🦜", "turn", "turn 99999999999999", "x" * 100_000, "%", "ﬁ", "\u202e",
    ],
)  # fmt: skip
async def test_nothing_a_model_writes_breaks_the_search(known: Passages, term: str) -> None:
    await known.search("s1", [term], 5)
    assert 2 in await seqs(known, term, "R-1034")


async def test_words_that_look_like_operators_are_words(passages: Passages) -> None:
    await passages.index("s1", [said(2, "near or not"), said(5, "far and wide")])
    assert await seqs(passages, "NOT") == [2]


# ── the index ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_indexing_again_changes_nothing(known: Passages) -> None:
    before = await known.search("s1", ["R-1034", "lamp"], 5)
    await known.index("s1", [said(2, LINES[2], turn=0)])
    assert await known.search("s1", ["R-1034", "lamp"], 5) == before


async def test_the_index_says_how_far_it_goes(passages: Passages) -> None:
    assert await passages.indexed_upto("s1") == 0
    await passages.index("s1", [])
    await passages.index("s1", [said(5, "five"), said(9, "nine")])
    await passages.index("s1", [said(7, "seven")])
    assert (await passages.indexed_upto("s1"), await passages.indexed_upto("s2")) == (9, 0)


async def test_more_passages_than_one_write_takes_are_all_indexed(passages: Passages) -> None:
    many = [said(seq, f"order R-{seq}") for seq in range(1, 300)]
    await passages.index("s1", many)
    assert [await seqs(passages, f"R-{seq}") for seq in (1, 50, 51, 299)] == [[1], [50], [51], [299]]


async def test_a_discarded_session_is_forgotten_and_can_be_indexed_anew(known: Passages) -> None:
    await known.index("s2", [said(2, "R-1034")])
    await known.discard("s1")
    await known.discard("s3")
    assert (await seqs(known, "R-1034"), await known.indexed_upto("s1")) == ([], 0)
    assert await seqs(known, "R-1034", session_id="s2") == [2]
    await known.index("s1", [said(2, LINES[2])])
    assert await seqs(known, "R-1034") == [2]


async def test_a_refused_append_beside_it_takes_nothing_out_of_the_index(known: Passages, log: EventLog) -> None:
    work = [known.index("s1", [said(20 + n, f"order R-{2000 + n}")]) for n in range(5)]
    refused = [log.append("s1", Refuse()) for _ in range(5)]
    results = await asyncio.gather(
        *(one for pair in zip(work, refused, strict=True) for one in pair), return_exceptions=True
    )
    assert sum(isinstance(one, Refused) for one in results) == 5
    assert [await seqs(known, f"R-{2000 + n}") for n in range(5)] == [[20 + n] for n in range(5)]
    assert await seqs(known, "R-1034") == [2]


async def test_all_that_is_recorded_is_indexed_at_once(log: EventLog, passages: Passages) -> None:
    await converse(log)
    assert await passages.catch_up("s1") == 9
    assert await seqs(passages, "R-1034", before_seq=9) == [2, 6]
    assert (await passages.catch_up("s1"), await passages.catch_up("s9")) == (9, 0)


async def test_without_full_text_search_nothing_is_found_and_nothing_breaks(
    known: Passages, database: Database
) -> None:
    await database.write(lambda c: run(c, "DROP TABLE passages").rowcount)
    await known.index("s1", [said(20, "R-1034")])
    assert (await seqs(known, "R-1034"), await known.indexed_upto("s1")) == ([], 20)
    await known.discard("s1")


# ── what events say ───────────────────────────────────────────────────────────────────────────────────────────────


async def converse(log: EventLog) -> None:
    """A question, a lookup, an answer, and a second turn."""
    await start(log, title="Where is order R-1034?")
    reply, details, output = (
        seal('{"text": "I look.", "calls": [{}]}'),
        arguments('{"order":"R-1034"}'),
        seal("shipped"),
    )
    answer, second = seal('{"text": "It is on its way.", "calls": []}'), seal("Thanks! And R-1043?")
    spoken = seal("It is on its way.")
    await record(
        log,
        "s1",
        replied(1, reply, PART),
        looked_up(details),
        ToolStarted(call_id="1.1", attempt=1, action_digest=DIGEST),
        finished(output),
        replied(2, answer, PART, calls=0),
        TurnEnded(turn=1, result="answered", because="The model answered.", answer=spoken.ref),
        MessageReceived(text=second.ref, turn=2, opens_turn=True, by="ann"),
        payloads=[reply, PART, details, output, answer, spoken, second],
    )


def arguments(text: str) -> Payload:
    return seal('{"arguments_json":%s,"effect":"","problems":[]}' % ('"' + text.replace('"', '\\"') + '"'))


def looked_up(details: Payload, connector: str = "shop", tool: str = "find_order") -> CallProposed:
    return CallProposed(
        call_id="1.1", provider_id="c1", step=1, tool=tool, connector=connector, own_name=tool,
        definition_hash="e" * 64, risk=Risk.READ, details=details.ref, action_digest=DIGEST, state=CallState.ALLOWED,
        release=Release.ALLOW, because="reads run",
    )  # fmt: skip


def finished(output: Payload, **changes: Any) -> ToolFinished:
    return ToolFinished(
        **{
            "call_id": "1.1", "state": CallState.SUCCEEDED, "output": output.ref, "output_bytes": 1, "latency_ms": 1.0,
            **changes,
        }
    )  # fmt: skip


async def run_tool(log: EventLog, details: Payload, *ending: Any, payloads: Any = (), **named: Any) -> None:
    await start(log)
    begun = ToolStarted(call_id="1.1", attempt=1, action_digest=DIGEST)
    await record(log, "s1", looked_up(details, **named), begun, *ending, payloads=[details, *payloads])


async def test_everything_said_and_every_result_becomes_a_passage(log: EventLog, passages: Passages) -> None:
    await converse(log)
    assert await passages.texts_between("s1", 0, 100) == [
        said(2, "Where is order R-1034?"),
        said(3, "I look.", kind="reply"),
        said(6, 'find_order {"order":"R-1034"}\nshipped', kind="result"),
        said(7, "It is on its way.", kind="reply"),
        said(9, "Thanks! And R-1043?", turn=2),
    ]


async def test_a_part_of_the_events_gives_their_passages_with_the_right_turn(log: EventLog, passages: Passages) -> None:
    await converse(log)
    assert [(one.seq, one.turn) for one in await passages.texts_between("s1", 4, 8)] == [(6, 1), (7, 1)]
    assert await passages.texts_between("s1", 100, 200) == []
    assert await passages.texts_between("s9", 0, 10) == []


async def test_what_people_decided_and_what_they_were_asked_is_remembered(log: EventLog, passages: Passages) -> None:
    await hold(log)
    because, question, fixed = seal("Wrong customer."), seal("Which order?"), seal("Please call us.")
    rejected = decided(decision="reject", status="rejected", because=because.ref, run_by=None)
    missing = InputChecked(turn=1, verdict="missing", because="No order.", question=question.ref)
    ended = TurnEnded(turn=1, result="fallback", because="No model.", answer=fixed.ref)
    await record(log, "s1", rejected, missing, ended, payloads=[because, question, fixed])
    assert [(one.kind, one.text) for one in await passages.texts_between("s1", 5, 100)] == [
        ("decision", "ben decided reject: Wrong customer."),
        ("question", "Which order?"),
        ("answer", "Please call us."),
    ]


async def test_a_long_text_becomes_passages_that_each_say_what_they_are_part_of(
    log: EventLog, passages: Passages
) -> None:
    rows = "\n".join(f"row {n}: order R-{n}" for n in range(500))
    output = seal(rows)
    await run_tool(log, arguments("{}"), finished(output), payloads=[output])
    texts = await passages.texts_between("s1", 2, 100)
    assert all(one.text.startswith("find_order {}\nrow ") and len(one.text) <= LONGEST for one in texts)
    assert "".join(one.text.removeprefix("find_order {}\n") for one in texts) == rows
    await passages.index("s1", texts)
    (found,) = await passages.search("s1", ["R-499"], 3)
    assert (found.seq, "R-499" in found.text, "R-1\n" in found.text) == (5, True, False)


@pytest.mark.parametrize("text", ["y" * 1_000_000, "\n" * 9_000 + "x", " " * 5_000])
async def test_texts_without_places_to_cut_are_cut_all_the_same(log: EventLog, passages: Passages, text: str) -> None:
    await start(log, title=text)
    texts = await passages.texts_between("s1", 0, 10)
    assert len(texts) <= MOST_PIECES
    assert all(len(one.text) <= LONGEST for one in texts)
    await passages.index("s1", texts)


async def test_an_erased_content_leaves_no_passage(log: EventLog, passages: Passages, database: Database) -> None:
    await converse(log)
    await database.write(lambda c: run(c, "UPDATE payloads SET salt = NULL, content = NULL").rowcount)
    assert await passages.texts_between("s1", 0, 100) == []
    assert await passages.whole("s1", 3) == []


# ── what the model never saw ──────────────────────────────────────────────────────────────────────────────────────


async def test_values_behind_stand_ins_are_in_no_passage(log: EventLog, passages: Passages) -> None:
    """Not in the result, not in the arguments a person approved, not in what they said."""
    masks = seal('{"<iban-1>": "DE02 1203", "<age-1>": 41, "<name-1>": "Zoë \\"Z\\" Q."}')
    whole, shown = seal('{"iban": "DE02 1203", "age": 41}'), seal('{"iban": "<iban-1>", "age": "<age-1>"}')
    details = arguments('{"age":41,"iban":"DE02 1203","line":"1041"}')
    finish = finished(whole, shown=shown.ref, masks=masks.ref)
    await run_tool(log, details, finish, payloads=[whole, shown, masks])
    (result,) = await passages.texts_between("s1", 2, 100)
    assert result.text == (
        'find_order {"age":<age-1>,"iban":"<iban-1>","line":"1041"}\n{"iban": "<iban-1>", "age": "<age-1>"}'
    )
    assert await passages.whole("s1", 5) == [result]


async def test_a_short_value_is_hidden_under_its_field_and_nowhere_else(log: EventLog, passages: Passages) -> None:
    masks, output = seal('{"[[age:#7f3a]]": "4", "[[vip:#1c2d]]": "true"}'), seal("{}")
    details = arguments('{"age":4,"notify":true,"rooms":4,"vip":true}')
    await run_tool(log, details, finished(output, shown=output.ref, masks=masks.ref), payloads=[output, masks])
    (result,) = await passages.texts_between("s1", 2, 100)
    assert result.text.startswith('find_order {"age":[[age:#7f3a]],"notify":true,"rooms":4,"vip":[[vip:#1c2d]]}')


async def test_a_masked_output_without_a_masked_text_is_withheld(log: EventLog, passages: Passages) -> None:
    masks, whole = seal('{"<iban-1>": "DE02"}'), seal('{"iban": "DE02"}')
    await run_tool(log, arguments("{}"), finished(whole, masks=masks.ref), payloads=[whole, masks])
    (result,) = await passages.texts_between("s1", 2, 100)
    assert "DE02" not in result.text
    assert "not shown" in result.text


async def test_what_was_recalled_is_not_indexed_again(log: EventLog, passages: Passages) -> None:
    output = seal("[event 2, turn 1]")
    await run_tool(log, arguments("{}"), finished(output), payloads=[output], connector="quarterdeck")
    assert await passages.texts_between("s1", 2, 100) == []


# ── one event in full ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_whole_event_is_read_uncut(log: EventLog, passages: Passages) -> None:
    output = seal("z" * 12_000)
    await run_tool(log, arguments("{}"), finished(output), payloads=[output])
    (result,) = await passages.whole("s1", 5)
    assert len(result.text) > 12_000


async def test_a_reply_that_called_tools_is_read_with_their_results(log: EventLog, passages: Passages) -> None:
    await converse(log)
    assert [(one.seq, one.text) for one in await passages.whole("s1", 3)] == [
        (3, "I look."),
        (6, 'find_order {"order":"R-1034"}\nshipped'),
    ]


@pytest.mark.parametrize("seq", [0, -1, 1, 5, 99, 1 << 70])
async def test_an_event_that_says_nothing_is_empty(log: EventLog, passages: Passages, seq: int) -> None:
    await converse(log)
    assert await passages.whole("s1", seq) == []
