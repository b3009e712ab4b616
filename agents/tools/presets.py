"""Ready connectors for well-known MCP servers: how each is reached, what it needs, and a small toolset. Pure."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Risk = Literal["read", "write", "destructive", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Something only the admin knows. `goes`: into the environment, a header, or the place `{name}` of an argument."""

    name: str
    what: str
    example: str = ""
    secret: bool = False
    goes: Literal["env", "header", "args"] = "env"
    before: str = ""
    """What stands before the value of a header, “Bearer ” say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    key: str
    title: str
    sentence: str
    kind: Literal["mcp_stdio", "mcp_http"]
    command: str = ""
    args: tuple[str, ...] = ()
    """`{name}` is a place that one of `needed` fills."""
    url: str = ""
    oauth: bool = False
    """A person signs in; there is no key to copy."""
    needed: tuple[Needed, ...] = ()
    where: str
    """Where the key comes from, or what has to be installed, in words."""
    tools: tuple[tuple[str, Risk], ...]
    """A small toolset to begin with: the server's own names, and the risk we suggest."""
    tried: bool = False
    """Connected here, by our own tests; the others are written from their vendors' documentation."""

    def document(self, values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The connector as a document, without a name. What has no value yet keeps its place; secrets are left out."""
        given = values or {}
        made: dict[str, Any] = {"kind": self.kind}
        if self.kind == "mcp_stdio":
            made |= {"command": self.command, "args": [_filled(one, given) for one in self.args]}
        else:
            made["url"] = self.url
        for goes, key in (("env", "env"), ("header", "headers")):
            plain = {one.name: given.get(one.name, "") for one in self.needed if one.goes == goes and not one.secret}
            if plain:
                made[key] = plain
        if self.oauth:
            made["auth"] = {"kind": "oauth"}
        return made

    @property
    def line(self) -> str:
        """How it is reached, to read."""
        return self.url or shlex.join([self.command, *self.args])


def _filled(arg: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        if value:
            arg = arg.replace(f"{{{name}}}", value)
    return arg


NODE = "Needs Node.js on this machine; npx fetches the program the first time it starts."
UV = "Needs uv on this machine; uvx fetches the program the first time it starts."

PRESETS = (
    Preset(
        key="filesystem",
        title="Filesystem",
        sentence="Reads, searches and writes files in one folder, and in no other.",
        kind="mcp_stdio",
        command="npx",
        args=("-y", "@modelcontextprotocol/server-filesystem", "{folder}"),
        needed=(Needed(name="folder", what="The one folder agents may use", example="/srv/files", goes="args"),),
        where=NODE,
        tools=(
            ("list_directory", "read"), ("search_files", "read"), ("read_text_file", "read"),
            ("get_file_info", "read"), ("edit_file", "destructive"), ("write_file", "destructive"),
        ),
        tried=True,
    ),
    Preset(
        key="git",
        title="Git",
        sentence="Looks at one repository on this machine: status, log, differences; makes branches and commits.",
        kind="mcp_stdio",
        command="uvx",
        args=("mcp-server-git", "--repository", "{repository}"),
        needed=(Needed(name="repository", what="Folder of the repository", example="/srv/leaflets", goes="args"),),
        where=UV,
        tools=(
            ("git_status", "read"), ("git_log", "read"), ("git_diff", "read"), ("git_show", "read"),
            ("git_create_branch", "write"), ("git_commit", "write"),
        ),
        tried=True,
    ),
    Preset(
        key="github",
        title="GitHub",
        sentence="Issues, pull requests and files of repositories on GitHub.",
        kind="mcp_http",
        url="https://api.githubcopilot.com/mcp/",
        needed=(
            Needed(
                name="Authorization", what="Personal access token", secret=True, goes="header", before="Bearer ",
                example="github_pat_…",
            ),
        ),
        where="In GitHub under Settings, Developer settings, Personal access tokens: a fine-grained one, for the "
        "repositories that matter, with no more rights than the tools below need.",
        tools=(
            ("list_issues", "read"), ("search_issues", "read"), ("list_pull_requests", "read"),
            ("get_file_contents", "read"), ("add_issue_comment", "write"), ("merge_pull_request", "destructive"),
        ),
    ),
    Preset(
        key="gitlab",
        title="GitLab",
        sentence="Issues, merge requests and pipelines, on gitlab.com or on a GitLab of your own.",
        kind="mcp_stdio",
        command="npx",
        args=("-y", "@zereight/mcp-gitlab"),
        needed=(
            Needed(name="GITLAB_PERSONAL_ACCESS_TOKEN", what="Access token", secret=True, example="glpat-…"),
            Needed(name="GITLAB_API_URL", what="Address of its API", example="https://gitlab.example.com/api/v4"),
        ),
        where=f"In GitLab under Preferences, Access tokens: read_api is enough to read, api to write. {NODE}",
        tools=(
            ("list_issues", "read"), ("get_issue", "read"), ("list_merge_requests", "read"),
            ("get_merge_request", "read"), ("create_note", "write"), ("merge_merge_request", "destructive"),
        ),
    ),
    Preset(
        key="atlassian",
        title="Atlassian",
        sentence="Jira issues and Confluence pages of a cloud site.",
        kind="mcp_http",
        url="https://mcp.atlassian.com/v1/mcp",
        oauth=True,
        where="No key: after saving, sign in with an Atlassian account. The tools can do what that account can, so "
        "take one made for this.",
        tools=(
            ("searchJiraIssuesUsingJql", "read"), ("getJiraIssue", "read"), ("getConfluencePage", "read"),
            ("addCommentToJiraIssue", "write"), ("createJiraIssue", "write"), ("transitionJiraIssue", "write"),
        ),
    ),
    Preset(
        key="slack",
        title="Slack",
        sentence="Channels and threads of one workspace; posts messages.",
        kind="mcp_stdio",
        command="npx",
        args=("-y", "@modelcontextprotocol/server-slack"),
        needed=(
            Needed(name="SLACK_BOT_TOKEN", what="Bot token", secret=True, example="xoxb-…"),
            Needed(name="SLACK_TEAM_ID", what="Workspace id", example="T01234567"),
        ),
        where=f"In Slack's app pages: make an app, give its bot channels:history, channels:read and chat:write, "
        f"install it, and copy the bot token. {NODE}",
        tools=(
            ("slack_list_channels", "read"), ("slack_get_channel_history", "read"),
            ("slack_get_thread_replies", "read"), ("slack_post_message", "write"),
            ("slack_reply_to_thread", "write"),
        ),
    ),
    Preset(
        key="notion",
        title="Notion",
        sentence="Searches, reads and writes the pages of one workspace.",
        kind="mcp_http",
        url="https://mcp.notion.com/mcp",
        oauth=True,
        where="No key: after saving, sign in to Notion and choose the pages it may see. It calls its search "
        "destructive; it is not.",
        tools=(
            ("notion-search", "read"), ("notion-fetch", "read"), ("notion-create-pages", "write"),
            ("notion-update-page", "write"), ("notion-create-comment", "write"),
        ),
    ),
    Preset(
        key="e-mail",
        title="E-mail",
        sentence="Reads a mailbox over IMAP and sends over SMTP.",
        kind="mcp_stdio",
        command="uvx",
        args=("mcp-email-server@latest", "stdio"),
        needed=(
            Needed(name="MCP_EMAIL_SERVER_EMAIL_ADDRESS", what="Address", example="desk@example.com"),
            Needed(name="MCP_EMAIL_SERVER_USER_NAME", what="User name", example="desk@example.com"),
            Needed(name="MCP_EMAIL_SERVER_PASSWORD", what="Password", secret=True),
            Needed(name="MCP_EMAIL_SERVER_IMAP_HOST", what="IMAP host", example="imap.example.com"),
            Needed(name="MCP_EMAIL_SERVER_SMTP_HOST", what="SMTP host", example="smtp.example.com"),
        ),
        where=f"An app password from your mail provider, never the one people sign in with. It calls sending harmless; "
        f"it is not. {UV}",
        tools=(("list_emails_metadata", "read"), ("get_emails_content", "read"), ("send_email", "destructive")),
    ),
    Preset(
        key="calendar",
        title="Calendar",
        sentence="Events and free times of Google calendars.",
        kind="mcp_stdio",
        command="npx",
        args=("-y", "@cocal/google-calendar-mcp"),
        needed=(
            Needed(
                name="GOOGLE_OAUTH_CREDENTIALS", what="File with the credentials of the OAuth client",
                example="/etc/quarterdeck/google-oauth.json",
            ),
        ),
        where=f"In the Google Cloud console: switch the Calendar API on, make an OAuth client of the kind “desktop app”, "
        f"and save its file on this machine. The server asks for the sign-in itself when it first starts. {NODE}",
        tools=(
            ("list-calendars", "read"), ("list-events", "read"), ("search-events", "read"), ("get-freebusy", "read"),
            ("create-event", "write"), ("delete-event", "destructive"),
        ),
    ),
    Preset(
        key="servicenow",
        title="ServiceNow",
        sentence="Incidents, requests and knowledge of one instance.",
        kind="mcp_stdio",
        command="uvx",
        args=("mcp-server-servicenow",),
        needed=(
            Needed(name="SERVICENOW_INSTANCE_URL", what="Address of the instance",
                   example="https://example.service-now.com"),
            Needed(name="SERVICENOW_USERNAME", what="User", example="quarterdeck"),
            Needed(name="SERVICENOW_PASSWORD", what="Password", secret=True),
        ),
        where=f"A user made for this, with the itil role or less. {UV}",
        tools=(
            ("search_records", "read"), ("get_record", "read"), ("create_incident", "write"),
            ("update_incident", "write"),
        ),
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in PRESETS}


def recommended(preset: Preset, found: set[str]) -> list[tuple[str, Risk]]:
    """Those of its small toolset that the server really has."""
    return [(tool, risk) for tool, risk in preset.tools if tool in found]
