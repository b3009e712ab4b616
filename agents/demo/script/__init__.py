"""The embedded default models: pure functions that play tool-calling models for the demo's support desk."""

from .cast import Asked, answered
from .playing import reply
from .replies import ScriptedCall, ScriptedReply

__all__ = ["Asked", "ScriptedCall", "ScriptedReply", "answered", "reply"]
