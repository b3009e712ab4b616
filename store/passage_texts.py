"""Recorded events → passages: what was said and what tools answered, as the model was shown it; read-only.

No passage holds a value that the model only saw a stand-in of: passages go back into prompts.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from .database import run
from .event_log import contents

Kind = Literal["user", "question", "reply", "answer", "result", "decision"]
LONGEST = 1_500
"""Characters of one passage; a longer text becomes several, of which the one that fits can be put into a prompt."""
MOST_PIECES = 16
"""Enough for all that a model is shown of one output (16,000 characters)."""
LONGEST_ARGUMENTS = 300
SHORT = 3
"""Characters: a value that is shorter is hidden where its field is named, or every 4 in every text would be."""
_FIELD = re.compile(r"\[\[\s?([\w-]+)\s?:")
"""The field a stand-in names."""
OWN_CONNECTOR = "quarterdeck"
"""Of the tools that read the session back to the model: their results hold nothing new."""
WITHHELD = "(Its output holds values that are not shown.)"

TOLD = """SELECT seq, type, data FROM events WHERE session_id = :id AND seq > :after AND seq <= :upto AND type IN
    ('MessageReceived', 'InputChecked', 'ModelReplied', 'ToolFinished', 'ApprovalDecided', 'TurnEnded') ORDER BY seq"""
LAST_TURN = """SELECT data FROM events WHERE session_id = :id AND seq <= :after
    AND type IN ('MessageReceived', 'ModelReplied') ORDER BY seq DESC LIMIT 1"""
RESULTS_OF = """SELECT seq, type, data FROM events WHERE session_id = :id AND seq > :after AND type = 'ToolFinished'
    AND data LIKE :call ORDER BY seq LIMIT :count"""
NEWEST_TURN = """SELECT seq FROM events WHERE session_id = :id AND type = 'MessageReceived'
    AND data LIKE '%"opens_turn":true%' ORDER BY seq DESC LIMIT 1"""
CALL = "SELECT tool, connector, details_ref FROM calls WHERE session_id = :id AND call_id = :call_id"
MASKED = """SELECT data FROM events WHERE session_id = :id AND type = 'ToolFinished' AND data LIKE '%"masks":"%'"""

StandIns = list[tuple[re.Pattern[str], str]]
"""What finds a value in a text, and what stands in for it; the longest value first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of one event's text; several with the same `seq` follow one another."""

    seq: int
    turn: int
    kind: Kind
    text: str


def between(connection: sa.Connection, session_id: str, after: int, upto: int) -> list[Passage]:
    rows = run(connection, TOLD, {"id": session_id, "after": after, "upto": upto}).fetchall()
    return [
        Passage(seq=one.seq, turn=one.turn, kind=one.kind, text=piece)
        for one in _told(connection, session_id, rows, after)
        for piece in _pieces(one)
    ]


def whole(connection: sa.Connection, session_id: str, seq: int) -> list[Passage]:
    """The uncut text of one event; of a reply that called tools their results too."""
    rows = run(connection, TOLD, {"id": session_id, "after": seq - 1, "upto": seq}).fetchall()
    for _, type_, data in tuple(rows):
        reply = json.loads(data)
        if type_ == "ModelReplied" and reply["calls"]:
            asked = {"id": session_id, "after": seq, "call": f'%"call_id":"{reply["step"]}.%', "count": reply["calls"]}
            rows += run(connection, RESULTS_OF, asked).fetchall()
    found = _told(connection, session_id, rows, seq - 1)
    return [Passage(seq=one.seq, turn=one.turn, kind=one.kind, text=one.heading + one.text) for one in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    seq: int
    turn: int
    kind: Kind
    text: str
    heading: str = ""
    """Repeated on every piece: a piece of a result says what it is a result of."""


def _told(connection: sa.Connection, session_id: str, rows: Iterable[Any], after: int) -> Iterator[_Text]:
    reader = _Reader(connection, session_id)
    turn = _turn_at(connection, session_id, after)
    for seq, type_, data in rows:
        event = json.loads(data)
        turn = event.get("turn", turn)
        text = reader.text(type_, event)
        if text is not None and text[2].strip():
            kind, heading, body = text
            yield _Text(seq=seq, turn=turn, kind=kind, heading=heading, text=body)


class _Reader:
    """The texts behind one session's events. What it looked up once it does not look up again."""

    def __init__(self, connection: sa.Connection, session_id: str) -> None:
        self._connection = connection
        self._id = session_id
        self._known: StandIns | None = None

    def text(self, type_: str, event: dict[str, Any]) -> tuple[Kind, str, str] | None:
        """(kind, heading, text) of one event; None where it tells nothing, or its content was erased."""
        match type_:
            case "MessageReceived":
                return self._content("user", event["text"])
            case "InputChecked":
                return self._content("question", event.get("question"))
            case "ModelReplied":
                return self._reply(event)
            case "ToolFinished":
                return self._result(event)
            case "ApprovalDecided":
                return self._decision(event)
            case "TurnEnded" if event["result"] == "fallback":  # any other answer is the last reply's text
                return self._content("answer", event.get("answer"))
            case _:
                return None

    def _load(self, ref: str | None) -> str | None:
        return None if ref is None else contents(self._connection, self._id, [ref]).get(ref)

    def _content(self, kind: Kind, ref: str | None) -> tuple[Kind, str, str] | None:
        text = self._load(ref)
        return None if text is None else (kind, "", text)

    def _reply(self, event: dict[str, Any]) -> tuple[Kind, str, str] | None:
        output = self._load(event["output"])
        return None if output is None else ("reply", "", str(json.loads(output)["text"]))

    def _decision(self, event: dict[str, Any]) -> tuple[Kind, str, str] | None:
        because = self._load(event.get("because"))
        heading = f"{event['by']} decided {event['decision']}: "
        return None if because is None else ("decision", heading, self._veiled(because))

    def _result(self, event: dict[str, Any]) -> tuple[Kind, str, str] | None:
        """The output as the model was shown it. The whole one may hold what was masked in it."""
        call = run(self._connection, CALL, {"id": self._id, "call_id": event["call_id"]}).fetchone()
        if call is None or call[1] == OWN_CONNECTOR:
            return None
        ref = event.get("shown") or (None if event.get("masks") else event["output"])
        output = WITHHELD if ref is None else self._load(ref)
        if output is None:
            return None
        failed = "" if event["state"] == "succeeded" else "failed: "
        return "result", f"{call[0]} {self._arguments(call[2])}\n{failed}", output

    def _arguments(self, details_ref: str) -> str:
        try:
            text = json.loads(self._load(details_ref) or "{}").get("arguments_json") or ""
        except ValueError:
            return ""
        return self._veiled(text)[:LONGEST_ARGUMENTS]

    def _veiled(self, text: str) -> str:
        """What a person approved holds the values themselves; the model only ever saw their stand-ins."""
        if self._known is None:
            self._known = _stand_ins(self._connection, self._id)
        for value, stand_in in self._known:
            text = value.sub(stand_in.replace("\\", r"\\"), text)
        return text


def _stand_ins(connection: sa.Connection, session_id: str) -> StandIns:
    found: dict[str, str] = {}
    for (data,) in run(connection, MASKED, {"id": session_id}).fetchall():
        ref = json.loads(data)["masks"]
        masks = json.loads(contents(connection, session_id, [ref]).get(ref) or "{}")
        for stand_in, value in masks.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            found |= {text: stand_in, json.dumps(text, ensure_ascii=False)[1:-1]: stand_in}
    return [(_pattern(value, found[value]), found[value]) for value in sorted(found, key=len, reverse=True) if value]


def _pattern(value: str, stand_in: str) -> re.Pattern[str]:
    field, whole = _FIELD.match(stand_in), rf"(?<!\w){re.escape(value)}(?!\w)"
    if field and (len(value) < SHORT or value in ("true", "false", "null")):
        whole = f'(?:(?<="{field[1]}":)|(?<="{field[1]}":")){whole}'
    return re.compile(whole, re.IGNORECASE)


def newest_turn(connection: sa.Connection, session_id: str) -> int:
    """Seq of the message that opened it; 0 where nobody has written yet."""
    row = run(connection, NEWEST_TURN, {"id": session_id}).fetchone()
    return 0 if row is None else int(row[0])


def _turn_at(connection: sa.Connection, session_id: str, after: int) -> int:
    row = run(connection, LAST_TURN, {"id": session_id, "after": after}).fetchone()
    return 0 if row is None else int(json.loads(row[0])["turn"])


def _pieces(one: _Text) -> Iterator[str]:
    """Cut where a line ends, else a word, if one does in the second half of a piece."""
    rest, room = one.text, LONGEST - len(one.heading)
    for _ in range(MOST_PIECES):
        end = len(rest)
        if end > room:
            places = (rest.rfind(sign, room // 2, room) for sign in "\n ,")
            end = next((place + 1 for place in places if place >= 0), room)
        yield one.heading + rest[:end]
        rest = rest[end:]
        if not rest:
            return
