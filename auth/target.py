"""A target is where a login leads: a page of this app, whatever an address asks for."""

import re
from urllib.parse import unquote, urlsplit

_LONGEST = 2000
_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f-\x9f]|^//")
_OURS_BUT_NO_PAGE = ("/login", "/callback", "/logout", "/signed-out", "/backchannel-logout")


def safe_target(target: str) -> str:
    """`target` when it is a page of this app, else `/`: never another host, whatever the spelling."""
    forms = [target]
    while len(forms) < 4 and unquote(forms[-1]) != forms[-1]:
        forms.append(unquote(forms[-1]))
    if len(target) > _LONGEST or any(not form.startswith("/") or _UNSAFE.search(form) for form in forms):
        return "/"
    path = urlsplit(target).path
    return "/" if path in _OURS_BUT_NO_PAGE or path.startswith("/callback/") else target
