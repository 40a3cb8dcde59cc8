"""Which addresses a program may be registered with, and which of those it names are the same ones."""

import pytest

from shop.modules.identity.redirect_uris import form_target, is_registered, proves_its_program, shown, why_unfit

CALLBACK = "https://app.example.com/callback"


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK,
        "https://app.example.com",
        "https://app.example.com:8443/callback?tenant=7",
        "https://[2001:db8::1]/callback",
        "http://127.0.0.1:8080/callback",
        "http://127.0.0.1/callback",
        "http://[::1]/",
        "http://localhost:3000/callback",
    ],
)
@pytest.mark.parametrize("confidential", [True, False])
def test_addresses_that_any_program_may_have(uri, confidential):
    assert why_unfit(uri, confidential=confidential) is None


@pytest.mark.parametrize(
    "uri", ["com.example.app:/callback", "com.example.app://callback", "de.example.my-app:/a/b?c=d"]
)
def test_schemes_of_an_apps_own_are_for_public_programs(uri):
    assert why_unfit(uri, confidential=False) is None
    assert "public" in why_unfit(uri, confidential=True)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "callback",
        "/callback",
        "//app.example.com/callback",
        "http://app.example.com/callback",
        "http://127.0.0.2/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://localhost.evil.example/callback",
        "http://user@127.0.0.1/callback",
        "https://user:password@app.example.com/callback",
        "https://app.example.com@evil.example/callback",
        "https://app.example.com\\@evil.example/callback",
        "https://app.example.com/callback#part",
        "https://app.example.com/#",
        "https://*.example.com/callback",
        "https://app.example.com/*",
        "https://app.example.com/a/../callback",
        "https://app.example.com/a/%2e%2E/callback",
        "https://app.example.com/./callback",
        "https://app.example.com/..",
        "https://App.example.com/callback",
        "HTTPS://app.example.com/callback",
        "https://app.example.com:0/callback",
        "https://app.example.com:99999/callback",
        "https://app.example.com:/callback",
        "https://",
        "https:///callback",
        "https:app.example.com",
        "https://app.example.com/ callback",
        " https://app.example.com/callback",
        "https://app.example.com/callback\n",
        "https://app.example.com/cäll",
        "https://ápp.example.com/",
        'https://app.example.com/"><script>',
        "https://app.example.com/" + "a" * 500,
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "app:/callback",
        "urn:ietf:wg:oauth:2.0:oob",
        "com.example.app:callback",
        "com.example.app:/",
    ],
)
def test_addresses_that_no_program_may_have(uri):
    assert why_unfit(uri, confidential=False) is not None
    assert why_unfit(uri, confidential=True) is not None


@pytest.mark.parametrize("public", [True, False])
def test_what_is_registered_is_the_same_character_by_character(public):
    assert is_registered(CALLBACK, [CALLBACK], public=public)
    for other in (
        f"{CALLBACK}/",
        f"{CALLBACK}?",
        CALLBACK.upper(),
        CALLBACK[:-1],
        "https://app.example.com:443/callback",
    ):
        assert not is_registered(other, [CALLBACK], public=public)
    assert not is_registered(CALLBACK, [], public=public)


def test_the_port_of_a_program_on_the_users_machine_may_differ():
    for host in ("127.0.0.1", "[::1]"):
        registered = [f"http://{host}/callback"]
        for port in ("", ":1", ":8080", ":65535"):
            assert is_registered(f"http://{host}{port}/callback", registered, public=True)
    registered = ["http://127.0.0.1:8080/callback"]
    assert is_registered("http://127.0.0.1:9090/callback", registered, public=True)
    assert not is_registered("http://127.0.0.1:9090/callback", registered, public=False)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:08/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:8080/other",
        "http://127.0.0.1:8080/callback/",
        "http://127.0.0.1:8080/callback?a=b",
        "http://127.0.0.1:8080@evil.example/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://localhost:8080/callback",
        "http://[::1]:8080/callback",
        "http://127.1:8080/callback",
        "http://2130706433/callback",
        "https://127.0.0.1:8080/callback",
        "HTTP://127.0.0.1:8080/callback",
    ],
)
def test_nothing_but_the_port_may_differ(uri):
    assert not is_registered(uri, ["http://127.0.0.1:1234/callback"], public=True)


def test_by_name_the_users_machine_has_the_port_that_was_registered():
    assert is_registered("http://localhost:3000/callback", ["http://localhost:3000/callback"], public=True)
    assert not is_registered("http://localhost:3001/callback", ["http://localhost:3000/callback"], public=True)


def test_only_https_reaches_nobody_but_the_program():
    assert proves_its_program(CALLBACK)
    assert not proves_its_program("http://127.0.0.1/callback")
    assert not proves_its_program("com.example.app:/callback")


@pytest.mark.parametrize(
    ("uri", "source", "words"),
    [
        (CALLBACK, "https://app.example.com", "app.example.com"),
        ("https://app.example.com:8443/x?y=z", "https://app.example.com:8443", "app.example.com:8443"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "a program on this device (127.0.0.1:8080)"),
        ("http://[::1]:8080/x", "http:", "a program on this device ([::1]:8080)"),
        ("com.example.app:/x", "com.example.app:", "an app on this device (com.example.app)"),
    ],
)
def test_what_the_page_with_the_question_says_of_an_address(uri, source, words):
    assert form_target(uri) == source
    assert shown(uri) == words
