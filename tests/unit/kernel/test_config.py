"""Settings are read as a merchant writes them, and refused in words that say what to write instead."""

import re
from pathlib import Path

import msgspec
import pytest

from shop.kernel.config import COMPOSED, Settings, SettingsError, load_env_file, parse_settings

EXAMPLE = Path(__file__).parents[3] / ".env.example"
SETTING_LINE = re.compile(r"^# (SHOP_[A-Z_]+)=(.*?)[ ]*(?:[ ]+# .*)?$", re.MULTILINE)


def test_the_example_lists_every_setting_once_with_its_default() -> None:
    lines = SETTING_LINE.findall(EXAMPLE.read_text(encoding="utf-8"))
    assert len(lines) == len(dict(lines))
    assert set(dict(lines)) == {
        f"SHOP_{field.name.upper()}" for field in msgspec.structs.fields(Settings) if field.name not in COMPOSED
    }
    assert parse_settings(dict(lines)) == Settings()


def test_values_are_read_in_the_types_they_have() -> None:
    settings = parse_settings(
        {
            "SHOP_PORT": " 8123 ",
            "SHOP_DEMO": "yes",
            "SHOP_PRICES_INCLUDE_TAX": "0",
            "SHOP_DATA_DIR": "/srv/my shop",
            "HOME": "/",
        }
    )
    assert (settings.port, settings.demo, settings.prices_include_tax) == (8123, True, False)
    assert settings.media_dir == Path("/srv/my shop/media")


def test_an_empty_value_means_the_default() -> None:
    assert parse_settings({"SHOP_PORT": "", "SHOP_DEMO": "", "SHOP_SECRET_KEY": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHOP_PORT", "eighty"),
        ("SHOP_PORT", "0"),
        ("SHOP_PORT", "70000"),
        ("SHOP_DEMO", "maybe"),
        ("SHOP_LOG_LEVEL", "loud"),
        ("SHOP_RATE_LIMITS", "1"),
        ("SHOP_SECRET_KEY", "short"),
        ("SHOP_DATABASE_URL", "mysql://localhost/shop"),
        ("SHOP_REDIS_URL", "localhost:6379"),
        ("SHOP_CURRENCY", "Euro"),
        ("SHOP_COUNTRY", "Germany"),
        ("SHOP_TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("SHOP_TRUSTED_PROXIES", "*"),
        ("SHOP_BASE_URL", "shop.example.com"),
        ("SHOP_BASE_URL", "https://"),
        ("SHOP_BASE_URL", "https://shop.example.com:port"),
        ("SHOP_ALLOWED_HOSTS", "shop.example.com:8000"),
        ("SHOP_ALLOWED_HOSTS", "https://shop.example.com"),
        ("SHOP_ALLOWED_HOSTS", "*"),
        ("SHOP_CORS_ORIGINS", "*"),
        ("SHOP_CORS_ORIGINS", "app.example.com"),
        ("SHOP_CORS_ORIGINS", "https://app.example.com/"),
        ("SHOP_CORS_ORIGINS", "https://app.example.com, null"),
        ("SHOP_RATE_LIMITS_BY_CLASS", "browse=0/60"),
        ("SHOP_RATE_LIMITS_BY_CLASS", "browse"),
        ("SHOP_REQUEST_SECONDS", "0"),
        ("SHOP_CDN_SECONDS", "-1"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        parse_settings({variable: value})


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings({"SHOP_PORT": "x", "SHOP_DEMO": "x", "SHOP_CURRENCY": "x"})
    assert all(name in str(refused.value) for name in ("SHOP_PORT", "SHOP_DEMO", "SHOP_CURRENCY"))


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_the_demo_refuses_live_keys(key: str) -> None:
    live = {"SHOP_STRIPE_SECRET_KEY": key, "SHOP_STRIPE_WEBHOOK_SECRET": "whsec_1"}
    with pytest.raises(SettingsError, match="SHOP_DEMO"):
        parse_settings({"SHOP_DEMO": "1", **live})
    assert parse_settings(live).stripe_secret_key == key


PAYPAL = {"SHOP_PAYPAL_CLIENT_ID": "id", "SHOP_PAYPAL_CLIENT_SECRET": "secret", "SHOP_PAYPAL_WEBHOOK_ID": "1JE42"}
SANDBOX = "https://api-m.sandbox.paypal.com"


def test_the_demo_refuses_live_paypal_and_takes_its_sandbox() -> None:
    assert parse_settings(PAYPAL).paypal_client_id == "id"
    for base in ("", "https://api-m.paypal.com", "https://api-m.paypal.com/"):
        with pytest.raises(SettingsError, match="SHOP_DEMO"):
            parse_settings({"SHOP_DEMO": "1", **PAYPAL, "SHOP_PAYPAL_API_BASE": base})
    for base in (SANDBOX, "http://127.0.0.1:8412"):
        assert parse_settings({"SHOP_DEMO": "1", **PAYPAL, "SHOP_PAYPAL_API_BASE": base}).paypal_api_base == base


@pytest.mark.parametrize("missing", ["SHOP_PAYPAL_CLIENT_ID", "SHOP_PAYPAL_CLIENT_SECRET", "SHOP_PAYPAL_WEBHOOK_ID"])
def test_paypal_is_set_as_a_whole(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        parse_settings({name: value for name, value in PAYPAL.items() if name != missing})


@pytest.mark.parametrize(
    "base",
    [
        "http://api-m.paypal.com",
        "https://api-m.paypal.com.attacker.example",
        "https://paypal.example",
        "http://10.0.0.5:8412",
        "https://api-m.paypal.com/v2",
    ],
)
def test_paypal_is_asked_where_paypal_is_or_on_this_machine(base: str) -> None:
    with pytest.raises(SettingsError, match="SHOP_PAYPAL_API_BASE"):
        parse_settings({**PAYPAL, "SHOP_PAYPAL_API_BASE": base})


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n\nSHOP_PORT=8001\nexport SHOP_NAME = 'Über Shop = gut'\n"
        'SHOP_MAIL_FROM="a@example.com"\nSHOP_SMTP_URL=smtp://u:p#x@host\n',
        encoding="utf-8",
    )
    env = {"SHOP_PORT": "9000"}
    load_env_file(file, env)
    assert env == {
        "SHOP_PORT": "9000",
        "SHOP_NAME": "Über Shop = gut",
        "SHOP_MAIL_FROM": "a@example.com",
        "SHOP_SMTP_URL": "smtp://u:p#x@host",
    }


def test_a_comment_behind_a_value_is_not_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(EXAMPLE.read_text(encoding="utf-8").replace("# SHOP_", "SHOP_"), encoding="utf-8")
    env: dict[str, str] = {}
    load_env_file(file, env)
    assert parse_settings(env) == Settings()


def test_no_env_file_is_no_problem_and_a_bad_line_is_shown(tmp_path: Path) -> None:
    env: dict[str, str] = {}
    load_env_file(tmp_path / "absent", env)
    assert env == {}
    file = tmp_path / ".env"
    file.write_text("SHOP_PORT=1\nwhat is this\n")
    with pytest.raises(SettingsError, match=r"line 2: .*'what is this'"):
        load_env_file(file, env)


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, set()),
        ({"SHOP_BASE_URL": "https://Shop.example.com:8443/"}, {"shop.example.com"}),
        ({"SHOP_HOST": "192.168.1.5"}, {"192.168.1.5"}),
        ({"SHOP_HOST": "0.0.0.0"}, set()),
        ({"SHOP_HOST": "::"}, set()),
        ({"SHOP_ALLOWED_HOSTS": "WWW.example.com, [2001:db8::1]"}, {"www.example.com", "2001:db8::1"}),
    ],
)
def test_the_shop_answers_to_its_own_names_and_those_it_is_told(variables: dict[str, str], names: set[str]) -> None:
    assert parse_settings(variables).allowed_host_names == {"localhost", "127.0.0.1", "::1"} | names


GOOGLE = {"SHOP_OIDC_GOOGLE_CLIENT_ID": "id", "SHOP_OIDC_GOOGLE_CLIENT_SECRET": "secret"}


def test_identity_providers_are_put_together_from_their_settings() -> None:
    settings = parse_settings(
        {
            "SHOP_OIDC_PROVIDERS": "google, keycloak",
            **GOOGLE,
            "SHOP_OIDC_KEYCLOAK_ISSUER": "https://id.example.com/realms/shop",
            "SHOP_OIDC_KEYCLOAK_CLIENT_ID": "shop",
            "SHOP_OIDC_KEYCLOAK_LABEL": "our club",
        }
    )
    google, keycloak = settings.sign_in_with
    assert (google.label, google.issuer, google.client_secret) == ("Google", "https://accounts.google.com", "secret")
    assert (keycloak.name, keycloak.label, keycloak.client_secret) == ("keycloak", "our club", "")


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"SHOP_OIDC_PROVIDERS": "google"}, "SHOP_OIDC_GOOGLE_CLIENT_ID"),
        ({"SHOP_OIDC_PROVIDERS": "Big Corp"}, "SHOP_OIDC_PROVIDERS"),
        ({"SHOP_OIDC_PROVIDERS": "google,google", **GOOGLE}, "twice"),
        ({"SHOP_OIDC_PROVIDERS": "club", "SHOP_OIDC_CLUB_CLIENT_ID": "x"}, "SHOP_OIDC_CLUB_ISSUER"),
        (
            {
                "SHOP_OIDC_PROVIDERS": "club",
                "SHOP_OIDC_CLUB_CLIENT_ID": "x",
                "SHOP_OIDC_CLUB_ISSUER": "http://id.example.com",
            },
            "SHOP_OIDC_CLUB_ISSUER",
        ),
    ],
)
def test_a_provider_that_can_not_be_used_is_told_of(env: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        parse_settings(env)


def test_all_that_is_wrong_with_providers_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_settings({"SHOP_OIDC_PROVIDERS": "google,club", "SHOP_PORT": "eighty"})
    for variable in ("SHOP_PORT", "GOOGLE_CLIENT_ID", "CLUB_CLIENT_ID", "CLUB_ISSUER"):
        assert variable in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "demo", "good"),
    [
        ("https://shop.example.com", "0", True),
        ("http://localhost:8000", "0", True),
        ("http://127.0.0.1:8000", "0", True),
        ("http://[::1]:8000", "0", True),
        ("http://shop.example.com", "0", False),
        ("http://192.168.1.5:8000", "0", False),
        ("http://192.168.1.5:8000", "1", True),
    ],
)
def test_plain_http_is_for_this_machine_and_for_demos(url: str, demo: str, good: bool) -> None:
    env = {"SHOP_BASE_URL": url, "SHOP_DEMO": demo}
    if good:
        assert parse_settings(env).public_url == url
        return
    with pytest.raises(SettingsError, match="https"):
        parse_settings(env)
