"""The documents an admin edits: models, connectors, toolsets, policies, agents, schedules. Pure pydantic."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from store.events import Release, Risk, Verify

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Document(BaseModel):
    """Base of every configuration document: unknown keys are errors, so a typo never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Prices(Document):
    """USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cache_read: float | None = Field(default=None, ge=0)
    cache_write: float | None = Field(default=None, ge=0)


class Model(Document):
    """A model profile: what litellm calls it, where it lives, what it costs."""

    name: Name
    model: str = Field(min_length=1)
    api_base: str | None = None
    api_key: str | None = None
    context_window: int | None = Field(default=None, ge=256)
    max_output: int | None = Field(default=None, ge=1)
    prices: Prices | None = None
    residency: Literal["external", "local"] = "external"
    timeout_seconds: float = Field(default=120, gt=0)
    parameters: dict[str, str | int | float | bool] = {}

    @field_validator("api_key")
    @classmethod
    def _reference_only(cls, value: str | None) -> str | None:
        return _reference(value)


RESERVED = "oauth."
"""Secrets of this beginning are people's sign-ins: only the connector that one was made for may use it."""


def is_sign_in(reference: str) -> bool:
    return reference.startswith(f"secret:{RESERVED}")


def _reference(value: str | None) -> str | None:
    if value is not None and not value.startswith(("env:", "secret:")):
        raise ValueError("must be a reference, `env:NAME` or `secret:NAME`, never the key itself")
    return value


class Auth(Document):
    """How an HTTP service is told who asks. `value`, `password` and `client_secret` are references, never the secret."""

    kind: Literal["header", "bearer", "basic", "client_credentials", "oauth"]
    """`client_credentials`: OAuth without a person; `oauth`: a person signs in once (remote MCP servers only)."""
    name: str | None = None
    """Of the header, where it is one."""
    value: str | None = None
    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    token_url: str | None = None
    scope: str | None = None

    @field_validator("value", "password", "client_secret")
    @classmethod
    def _reference_only(cls, value: str | None) -> str | None:
        return _reference(value)


class Connector(Document):
    """A system that offers tools. Values of `env` and `headers` may be `env:NAME` or `secret:NAME`."""

    name: Name
    kind: Literal["mcp_stdio", "mcp_http", "openapi", "builtin"]
    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    url: str | None = None
    headers: dict[str, str] = {}
    spec: str | None = None
    """The URL of an OpenAPI description; `spec_text` is the description itself, JSON or YAML, where it was uploaded."""
    spec_text: str | None = Field(default=None, max_length=25_000_000)
    auth: Auth | None = None
    allow: tuple[str, ...] = ()
    """Hosts the built-in `http_get` may ask, as `example.org` or `*.example.org`; none without it."""
    sensitivity: Literal["normal", "restricted"] = "normal"
    timeout_seconds: float = Field(default=60, gt=0)


class ToolLimits(Document):
    calls_per_turn: int | None = Field(default=None, ge=1)


class ToolEntry(Document):
    """One picked tool. `risk` is the admin's word; unset means unknown, and unknown asks a person."""

    connector: Name
    tool: str = Field(min_length=1)
    risk: Risk = Risk.UNKNOWN
    as_: str | None = Field(default=None, alias="as")
    description: str | None = None
    pinned: dict[str, Any] = {}
    """Arguments fixed by the admin: the model neither sees nor changes them."""
    hidden: tuple[str, ...] = ()
    """Optional parameters the model is not shown; a call that names one all the same is invalid."""
    idempotent: bool = False
    retries: int = Field(default=0, ge=0, le=5)
    timeout_seconds: float | None = Field(default=None, gt=0)
    limits: ToolLimits | None = None
    sensitive: tuple[str, ...] = ()
    """Names of fields, in results and arguments, whose values never reach an external model. An agent that is not kept to
    local models sees stand-ins, whichever models it has at the moment."""
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Toolset(Document):
    name: Name
    tools: tuple[ToolEntry, ...] = ()
    limit: int | None = Field(default=None, ge=1)
    over_limit_because: Sentence | None = None
    """Why it holds more than 30 tools; without a reason that is refused."""


Op = Literal[
    "eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "matches", "starts_with", "ends_with", "contains", "exists"
]


class Condition(Document):
    """One test on the arguments. `path` is a JSON Pointer in which `*` stands for every element."""

    path: str = Field(pattern=r"^(/[^/]*)*$")
    op: Op
    value: Any = None


class Hours(Document):
    """A time of day, `22:00` to `06:00` say, in a named time zone; `days` are those on which it begins."""

    start: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    timezone: str = "UTC"
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()


class When(Document):
    connector: str | None = None
    tool: str | None = None
    """A glob over the connector's own tool name."""
    risk: Risk | None = None
    arguments: tuple[Condition, ...] = ()
    evidence: (
        Literal[
            "user", "tool", "recall", "summary", "configuration", "schema", "computed", "nowhere", "near", "untrusted"
        ]
        | None
    ) = None
    """Where a value came from: an origin, `near` (almost a known value) or `untrusted` (only a tool's prose has it)."""
    agent: str | None = None
    """A glob over the agent's name."""
    hours: Hours | None = None
    session_cost_over_usd: float | None = Field(default=None, ge=0)
    """The session has cost more than this so far."""


class Rule(Document):
    when: When = When()
    verify: Verify | None = None
    release: Release | None = None
    approver: str | None = None
    because: Sentence


class Policy(Document):
    name: Name
    text: str | None = None
    rules: tuple[Rule, ...] = ()


class StandingApproval(Document):
    """A person's word given in advance: it turns only `ask` into `allow`, never `ask_two` or `deny`."""

    name: Name
    connector: Name
    tool: str = Field(min_length=1)
    """The connector's own name, in full: no glob."""
    agent: Name | None = None
    arguments: tuple[Condition, ...] = ()
    because: Sentence
    example: str | None = None
    """The id of the approval request it was made from."""
    definition_hash: str | None = None
    """Of the tool as it was when the word was given: it does not hold for another. None: given without looking."""
    expires_at: datetime | None = None


class Stage(Document):
    """One step of a workflow. `tools` are names as offered; None offers them all."""

    stage: Name
    goal: Sentence
    tools: tuple[str, ...] | None = None
    done_when: str | None = None
    critical: bool = False
    """Every reply in it is the best of several (guards.best_of)."""


class Scenario(Document):
    given: str
    expect: str
    title: str | None = None


class Roles(Document):
    """Model profiles by role, each a chain: the first is tried first."""

    act: tuple[Name, ...] = Field(min_length=1)
    plan: tuple[Name, ...] = ()
    small: tuple[Name, ...] = ()
    judge: tuple[Name, ...] = ()
    vote: tuple[Name, ...] = ()
    summarize: tuple[Name, ...] = ()

    @field_validator("act", "plan", "small", "judge", "vote", "summarize", mode="before")
    @classmethod
    def _one_is_a_chain_of_one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Limits(Document):
    """Caps on one turn (steps and tool calls: per workflow stage where there is one) and on the whole session."""

    steps: int = Field(default=15, ge=1, le=200)
    tool_calls: int = Field(default=15, ge=1, le=500)
    cost_usd: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=600, gt=0)
    session_cost_usd: float | None = Field(default=None, gt=0)
    session_seconds: float | None = Field(default=None, gt=0)


class Context(Document):
    """How a long conversation fits the model's window. Shares are of the model's context window."""

    window_turns: int = Field(default=20, ge=1, le=50)
    window_tokens: int | None = Field(default=None, ge=256)
    """Cap on the whole prompt; None: the model's own window."""
    summarize_at: float = Field(default=0.9, gt=0, le=1)
    summarize_to: float = Field(default=0.7, gt=0, le=1)
    keep_tokens: int = Field(default=20_000, ge=0)
    """The newest part, which is never summarised and whose results are never stubbed."""
    recall: bool = False


class Guards(Document):
    """Safeguards around the loop; what is not given comes from the agent's `profile`, and is off without one."""

    input_check: bool | None = None
    best_of: int | None = Field(default=None, ge=1, le=5)
    """Independent replies to compare where it is critical (see `critical`); 1 is off."""
    critical: Literal["answers", "writes", "all"] | None = None
    """Which replies are critical: final answers, replies that call more than reading tools, or all."""
    policy_check: bool | None = None
    """A second model checks every call that does more than read, as `verify: check` in a rule does."""
    consensus: bool | None = None
    """Three models vote on every destructive call, as `verify: consensus` in a rule does."""
    progress: bool | None = None
    seconds: float | None = Field(default=None, gt=0)
    """How long one side call of a guard may take."""


class Fallback(Document):
    """What happens when a turn ends at a limit, stuck, or with no model: one of the three."""

    hand_over: bool = False
    agent: Name | None = None
    answer: str | None = None


class Approval(Document):
    decide_seconds: float = Field(default=86_400, gt=0)
    run_seconds: float = Field(default=3_600, gt=0)
    people: Literal[1, 2] = 1
    """2: whatever a rule asks about needs two."""
    escalate_seconds: float | None = Field(default=None, gt=0)
    """After this time a request stands out in the inbox, as nobody has taken it."""


class Agent(Document):
    name: Name
    instructions: Annotated[str, StringConstraints(min_length=1)]
    description: str | None = None
    inputs: dict[str, Any] | None = None
    output_schema: dict[str, Any] | None = None
    workflow: tuple[Stage, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    toolset: Name
    policy: Name
    models: Roles
    limits: Limits = Limits()
    context: Context = Context()
    guards: Guards = Guards()
    fallback: Fallback = Fallback()
    profile: Literal["back_office", "user_facing"] | None = None
    """Preset of the guards: accuracy first, or latency first (agents/presets.py)."""
    approval: Approval = Approval()
    local_only: bool = False


class Schedule(Document):
    name: Name
    agent: Name
    message: Sentence
    cron: str
    timezone: str = "UTC"
    enabled: bool = True
    missed: Literal["run_once", "skip"] = "run_once"
    """What is made of ticks that passed while the program was not running: one run for all of them, or none."""


class Halt(Document):
    """One emergency stop in force. `name`: the agent, the connector, or `connector/tool`."""

    what: Literal["everything", "agent", "connector", "tool"]
    name: str | None = None
    because: Sentence
    by: str
    at: datetime


class Settings(Document):
    """What holds for the whole desk. There is at most one document of this kind, named `desk`."""

    name: Literal["desk"] = "desk"
    timezone: str = "UTC"
    """In which a day begins and ends, for budgets."""
    retention_days: int | None = Field(default=None, ge=1)
    """After this time the texts of ended sessions are erased; None keeps them."""
    budget_usd_per_day: float | None = Field(default=None, gt=0)
    agent_budgets_usd: dict[str, Annotated[float, Field(gt=0)]] = {}
    """Agent → USD per day."""
    alert_at: float = Field(default=0.8, gt=0, le=1)
    """Share of a budget from which pages warn; at the whole of it sessions wait for a person."""
    halts: tuple[Halt, ...] = ()


class Configuration(Document):
    """The whole configuration, as exported and imported."""

    models: tuple[Model, ...] = ()
    connectors: tuple[Connector, ...] = ()
    toolsets: tuple[Toolset, ...] = ()
    policies: tuple[Policy, ...] = ()
    agents: tuple[Agent, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    standing_approvals: tuple[StandingApproval, ...] = ()
    settings: tuple[Settings, ...] = Field(default=(), max_length=1)


KINDS: dict[str, type[Document]] = {
    "model": Model,
    "connector": Connector,
    "toolset": Toolset,
    "policy": Policy,
    "agent": Agent,
    "schedule": Schedule,
    "standing_approval": StandingApproval,
    "settings": Settings,
}
"""Kind of document (singular, as stored) → its class. In a Configuration the key is the plural."""
PLURAL = {kind: {"policy": "policies", "settings": "settings"}.get(kind, f"{kind}s") for kind in KINDS}
