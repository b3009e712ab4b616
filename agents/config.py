"""The documents an admin edits: models, connectors, toolsets, policies, agents, schedules. Pure pydantic."""

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


def _reference(value: str | None) -> str | None:
    if value is not None and not value.startswith(("env:", "secret:")):
        raise ValueError("must be a reference, `env:NAME` or `secret:NAME`, never the key itself")
    return value


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


Op = Literal[
    "eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "matches", "starts_with", "ends_with", "contains", "exists"
]


class Condition(Document):
    """One test on the arguments. `path` is a JSON Pointer in which `*` stands for every element."""

    path: str = Field(pattern=r"^(/[^/]*)*$")
    op: Op
    value: Any = None


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


class Configuration(Document):
    """The whole configuration, as exported and imported."""

    models: tuple[Model, ...] = ()
    connectors: tuple[Connector, ...] = ()
    toolsets: tuple[Toolset, ...] = ()
    policies: tuple[Policy, ...] = ()
    agents: tuple[Agent, ...] = ()
    schedules: tuple[Schedule, ...] = ()


KINDS: dict[str, type[Document]] = {
    "model": Model,
    "connector": Connector,
    "toolset": Toolset,
    "policy": Policy,
    "agent": Agent,
    "schedule": Schedule,
}
"""Kind of document (singular, as stored) → its class. In a Configuration the key is the plural."""
