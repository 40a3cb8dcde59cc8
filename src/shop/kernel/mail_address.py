"""E-mail addresses: syntax after RFC 5321 and 6531 (by `email-validator`), and the one form under which they are compared."""

from email_validator import EmailNotValidError, validate_email


def normal_address(text: str) -> str:
    """The address to write to and to compare, domain in lower case. Raises ValueError that says what is wrong.

    Whether mail arrives there is shown by the verification mail alone; no DNS is asked. `example` and `test` domains
    are taken: people try shops out with them.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(f"This is no e-mail address: {error}") from None


def comparison_key(address: str) -> str:
    """Two addresses that differ in case alone are one account."""
    return address.casefold()
