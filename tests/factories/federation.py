"""A browser that goes out to the identity provider of the tests and comes back, as far as a test wants it to."""

import html
import re

START = "/signin/with/club"


async def csrf_of(client, path) -> str:
    page = (await client.get(path)).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""


def way_out(answer) -> str:
    """Where the page that was answered goes on to by itself."""
    assert answer.status_code == 200, answer.text
    return html.unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)[1])


async def leave(client, **form) -> str:
    form = {"csrf_token": await csrf_of(client, "/signin"), **form}
    return way_out(await client.post(START, data=form))


async def come_back(client, club, **form):
    return await client.get(club.sign_in(await leave(client, **form)))


async def begin_to_link(client):
    data = {"csrf_token": await csrf_of(client, "/account/security")}
    return await client.post("/account/security/providers/club", data=data)
