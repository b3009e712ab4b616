"""The embedded default model: a pure function that plays a tool-calling model for the demo's support desk."""

from .playing import reply
from .replies import ScriptedCall, ScriptedReply

__all__ = ["ScriptedCall", "ScriptedReply", "reply"]
