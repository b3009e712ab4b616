"""The forms of sign_in.py as HTML. Pure."""

from collections.abc import Awaitable, Callable
from html import escape

from fastapi import Request, Response

Handle = Callable[[Request], Awaitable[Response]]


class TooLong(Exception):
    def __str__(self) -> str:
        return "That was too long for this form; nothing was done."


SIGN_IN = """<div><h1>Sign in</h1></div>{problem}
<form method="post" action="{base}/signin">{hidden}
<div class="qd-f"><label for="name">Name</label>
<input class="qd-inp" id="name" name="name" value="{name}" autocomplete="username" autocapitalize="none"
 spellcheck="false" required{name_focus}></div>
<div class="qd-f"><label for="password">Password</label>
<input class="qd-inp" id="password" name="password" type="password"
 autocomplete="current-password" required{password_focus}></div>
<button class="qd-btn qd-p">Sign in</button>
</form>
<p class="qd-i3 qd-s">No password, or lost it? An admin can make you a sign-in link under People.</p>"""

LINK = """<div><h1>Sign in to Quarterdeck</h1>
<p>This link works once. Use it in the browser you want to work in.</p></div>
<form method="post"><button class="qd-btn qd-p" autofocus>Sign in to Quarterdeck</button></form>"""

LINK_GONE = """<div><h1>This link does not work any more</h1>
<p>It was used already, or is older than a day.</p></div>
<p class="qd-i2">Ask an admin for a new one. If you are the admin, stop Quarterdeck, run
<code>python main.py link NAME</code> with your sign-in name, and start it again.
Before anybody has signed in, each start prints a fresh link.</p>
<a class="qd-btn" href="{base}/signin">Sign in with a password</a>"""

FIELDS = """<div class="qd-f"><label for="password">New password</label>
<input class="qd-inp" id="password" name="password" type="password" autocomplete="new-password"
 minlength="10" required autofocus>
<span class="qd-help">At least 10 characters. A few unrelated words are easy to keep and hard to guess.</span></div>
<div class="qd-f"><label for="again">The same again</label>
<input class="qd-inp" id="again" name="again" type="password" autocomplete="new-password"
 minlength="10" required></div>"""

WELCOME = (
    """<div><h1>Welcome aboard</h1><p>Choose a password; from now on you sign in as <b>{name}</b>.</p></div>{problem}
<form method="post" action="{base}/welcome">
<input type="hidden" name="username" value="{name}" autocomplete="username">
<div class="qd-f"><label for="display_name">Your name, as others see it</label>
<input class="qd-inp" id="display_name" name="display_name" value="{display_name}" maxlength="80"
 autocomplete="name" required></div>
"""
    + FIELDS
    + '<button class="qd-btn qd-p">Save and go to the inbox</button></form>'
)

NEW_PASSWORD = (
    """<div><h1>Choose a new password?</h1>
<p>You came by a link, so you may, <b>{name}</b>. Your old one works until then.</p></div>{problem}
<form method="post" action="{base}/welcome">
<input type="hidden" name="username" value="{name}" autocomplete="username">
"""
    + FIELDS
    + """<button class="qd-btn qd-p">Save the new password</button>
<a class="qd-btn qd-g" href="{base}/inbox">Keep the old one</a></form>"""
)


def problem(sentence: str) -> str:
    return f'<p class="qd-say-no" role="alert">{escape(sentence)}</p>' if sentence else ""
