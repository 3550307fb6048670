"""What somebody who signs up must say, and how: all that is wrong is told at once, in the codes that apps know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from dassie.domain.ages import age_on, read_day
from dassie.domain.errors import Invalid
from dassie.domain.languages import valid_language
from dassie.domain.reserved import is_reserved
from dassie.domain.usernames import check_username
from dassie.services.passwords import check_new_password
from dassie.services.signing_up import check_email
from dassie.store import accounts, logins
from dassie.store.tx import Tx

LONGEST_REASON = 420
NAMES = {"date_of_birth": "Date of birth"}
Problems = dict[str, list[tuple[str, str]]]


class SignUp(Struct, frozen=True):
    """As typed."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = "en"
    reason: str = ""
    date_of_birth: str = ""
    """Only looked at, never kept."""
    time_zone: str = ""
    invite_code: str = ""


class Rules(Struct, frozen=True):
    """What is asked of this person."""

    email: bool
    reason: bool
    min_age: int | None
    today: date


async def check(tx: Tx, given: SignUp, rules: Rules, domain: str) -> None:
    """Raises `Invalid` with every field that is wrong."""
    problems: Problems = {}
    username = _try(problems, check_username, given.username)
    if username is not None and is_reserved(username):
        problems["username"] = [("ERR_RESERVED", "is reserved")]
    elif username is not None and (username.lower() == domain.lower() or await accounts.holder(tx, username)):
        problems["username"] = [("ERR_TAKEN", "has already been taken")]
    if given.email.strip():
        email = _try(problems, check_email, given.email)
        if email is not None and await logins.by_email(tx, email) is not None:
            problems["email"] = [("ERR_TAKEN", "has already been taken")]
    elif rules.email:
        problems["email"] = [("ERR_BLANK", "can't be blank")]
    if not given.password:
        problems["password"] = [("ERR_BLANK", "can't be blank")]
    else:
        _try(problems, check_new_password, given.password)
    if not given.agreement:
        problems["agreement"] = [("ERR_ACCEPTED", "must be accepted")]
    problems |= _reason(given, rules) | _age(given, rules)
    if problems:
        raise refusal(problems)


def refusal(problems: Problems) -> Invalid:
    """The error that names all of them."""
    said = [
        f"{NAMES.get(name, name.capitalize())} {words}" for name, found in problems.items() for _code, words in found
    ]
    return Invalid(f"Validation failed: {', '.join(said)}", fields=problems)


def known_locale(text: str) -> str:
    """The language, or its main one, if it is one we know; English otherwise."""
    return valid_language(text) or "en"


def _reason(given: SignUp, rules: Rules) -> Problems:
    if rules.reason and not given.reason.strip():
        return {"reason": [("ERR_BLANK", "can't be blank")]}
    if len(given.reason) > LONGEST_REASON:
        return {"reason": [("ERR_TOO_LONG", f"is too long (maximum is {LONGEST_REASON} characters)")]}
    return {}


def _age(given: SignUp, rules: Rules) -> Problems:
    if not rules.min_age:
        return {}
    if not given.date_of_birth.strip():
        return {"date_of_birth": [("ERR_BLANK", "can't be blank")]}
    born = read_day(given.date_of_birth)
    if born is None or born > rules.today:
        return {"date_of_birth": [("ERR_INVALID", "is invalid")]}
    if age_on(born, rules.today) < rules.min_age:
        return {"date_of_birth": [("ERR_BELOW_LIMIT", "is below the age limit")]}
    return {}


def _try(problems: Problems, check: Callable[[str], str], text: str) -> str | None:
    try:
        return check(text)
    except Invalid as error:
        problems |= {name: list(found) for name, found in error.fields.items()}
        return None
