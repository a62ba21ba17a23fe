from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsnparse.trust import Key, Keys, Problem, TokenError, TrustSettings, check, return_path, subscriber_key, verify
from tests.trust.ours import ALICE, DAY, LISTED, NEW, NOW, OLD, PLAIN, SETTINGS, path

if TYPE_CHECKING:
    from collections.abc import Sequence


def with_keys(*keys: Key) -> TrustSettings:
    return replace(SETTINGS, keys=Keys(keys))


def with_forms(*forms: str) -> TrustSettings:
    return replace(SETTINGS, return_paths=forms)


def problem(recipient: str | None, settings: TrustSettings = SETTINGS, now: datetime = NOW) -> Problem | None:
    checked = check(recipient, settings, now)
    assert (checked.token is None) is (checked.problem is not None)
    assert verify(recipient, settings, now) == checked.token
    return checked.problem


def octets(recipient: str) -> bytes:
    text = recipient.partition("@")[0].rpartition("+")[2].upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))


def spelt(data: bytes, before: str = "news-bounces+", domain: str = "lists.example.org") -> str:
    return f"{before}{base64.b32encode(data).decode().rstrip('=').lower()}@{domain}"


def test_what_is_made_is_valid_and_tells_list_day_and_key() -> None:
    token = verify(path(), SETTINGS, NOW)
    assert token is not None
    assert (token.list, token.day, token.key_id) == ("news", date(2026, 11, 20), 2)
    assert token.key == subscriber_key(ALICE, NEW)
    assert token.id.startswith("token:")


def test_the_layout_stays_as_it_is() -> None:
    # Mails that are on their way must still come home after an update: this text may never change.
    assert path(on=None) == "bounces+aebfckiv76qtwiq4bb4lbigdcbufq5tk@lists.example.org"
    assert path() == "news-bounces+aebfckiv76qtwiq4bb4jpufg5ihl6jco@lists.example.org"


def test_the_layout_is_as_documented() -> None:
    def sign(*parts: bytes) -> bytes:
        return hmac.new(NEW.secret, b"".join(parts), "sha256").digest()[:8]

    subscriber = sign(b"dsnparse subscriber 1\0", b"alice@example.org")
    data = b"\x01\x02" + (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days.to_bytes(2, "big") + subscriber
    assert octets(path()) == data + sign(b"dsnparse token 1\0", b"\x0c", data, b"news", b"\0", b"lists.example.org")


def test_the_token_tells_nobody_whose_it_is() -> None:
    made = path()
    assert "alice" not in made
    assert b"alice" not in octets(made)
    assert octets(made)[4:12] != octets(path(settings=with_keys(OLD)))[4:12]


def test_one_subscriber_and_day_give_one_token_and_others_give_others() -> None:
    assert path() == path()
    others = {path(), path("bob@example.net"), path(on="talk"), path(on=None)}
    others.add(return_path(ALICE, list="news", settings=SETTINGS, now=NOW + DAY))
    assert len(others) == 5
    assert len({token.id for each in others if (token := verify(each, SETTINGS, NOW))}) == 5


def test_letters_case_and_angle_brackets_change_nothing() -> None:
    made = path("Alice@Example.ORG", on="News")
    assert made == path()
    for way in (str.upper, str.lower, str.title, str.swapcase):
        assert verify(way(made), SETTINGS, NOW) == verify(made, SETTINGS, NOW) is not None
    assert verify(f" <{made}> ", SETTINGS, NOW) is not None
    assert verify(f"{made}.", SETTINGS, NOW) is not None


def test_a_letter_that_becomes_ascii_by_its_case_is_no_letter_of_ours() -> None:
    settings = with_forms("bounces+{token}@k.example.org")
    made = path(on=None, settings=settings)
    assert problem(made, settings) is None
    assert problem(made.replace("@k.", "@\u212a."), settings) is Problem.NOT_OURS  # the sign for kelvin


def test_an_international_domain_is_the_same_in_both_forms() -> None:
    assert path("alice@bücher.example") == path("alice@xn--bcher-kva.example")


@pytest.mark.parametrize("position", range(20))
@pytest.mark.parametrize("bit", range(8))
def test_a_token_with_any_bit_flipped_is_not_valid(position: int, bit: int) -> None:
    data = bytearray(octets(path()))
    assert len(data) == 20
    data[position] ^= 1 << bit
    expected = {0: {Problem.MALFORMED}, 1: {Problem.UNKNOWN_KEY, Problem.BAD_SIGNATURE}}
    assert problem(spelt(bytes(data))) in expected.get(position, {Problem.BAD_SIGNATURE})


@given(st.integers(0, 200), st.characters(max_codepoint=127))
def test_a_return_path_with_any_letter_changed_is_not_valid(place: int, letter: str) -> None:
    made = path()
    place %= len(made)
    other = made[:place] + letter + made[place + 1 :]
    assert (verify(other, SETTINGS, NOW) is not None) is (letter.lower() == made[place])


def test_a_token_has_one_spelling() -> None:
    made = return_path(ALICE, key=b"123456789", settings=with_forms(PLAIN), now=NOW)  # 21 octets: 2 bits are left over
    last = made.partition("@")[0][-1]
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    valid = [each for each in alphabet if verify(made.replace(f"{last}@", f"{each}@"), with_forms(PLAIN), NOW)]
    assert valid == [last]


@given(st.integers(1, 31))
def test_a_token_cut_short_is_not_valid(length: int) -> None:
    local, _, domain = path().partition("@")
    assert problem(f"{local[:-length]}@{domain}") in {Problem.NOT_OURS, Problem.MALFORMED, Problem.BAD_SIGNATURE}


@given(st.binary(max_size=30))
def test_made_up_octets_are_not_valid(data: bytes) -> None:
    assert problem(spelt(data)) is not None
    assert problem(spelt(b"\x01\x02" + data)) is not None


@given(st.text(max_size=120))
def test_any_text_is_survived_and_not_valid(text: str) -> None:
    for recipient in (text, f"{text}@lists.example.org", f"bounces+{text}@lists.example.org", f"<{text}>"):
        assert problem(recipient) is not None


@pytest.mark.parametrize("recipient", [None, "", "@", "<>", "bounces@lists.example.org", "+@lists.example.org"])
def test_what_has_not_our_form_is_not_ours(recipient: str | None) -> None:
    assert problem(recipient) is Problem.NOT_OURS


def test_a_huge_recipient_is_not_looked_at() -> None:
    assert problem("a" * 10_000_000) is Problem.NOT_OURS
    assert problem(f"{'a-bounces+' * 1000}{path()}") is Problem.NOT_OURS


def test_a_token_of_another_list_is_none() -> None:
    assert problem(path().replace("news-", "talk-")) is Problem.BAD_SIGNATURE
    assert problem(path().replace("news-", "")) is Problem.BAD_SIGNATURE
    assert problem("talk-" + path(on=None)) is Problem.BAD_SIGNATURE


def test_a_token_of_another_domain_is_none() -> None:
    both = with_forms(LISTED, LISTED.replace("example.org", "example.net"))
    assert problem(path(settings=both).replace("example.org", "example.net"), both) is Problem.BAD_SIGNATURE
    assert problem(path().replace("example.org", "example.net")) is Problem.NOT_OURS


def test_a_longer_list_does_not_take_over_octets_of_the_key() -> None:
    # news + s-bounces… would be one text to sign, were the parts not kept apart.
    assert problem(path(on="new").replace("new-", "news-")) is Problem.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), None),
        (30 * DAY, None),
        (31 * DAY, Problem.EXPIRED),
        (4000 * DAY, Problem.EXPIRED),
        (-DAY, None),  # the sending machine's clock may be ahead
        (-2 * DAY, Problem.FUTURE),
    ],
)
def test_a_token_is_valid_for_a_time(age: timedelta, expected: Problem | None) -> None:
    assert problem(path(), now=NOW + age) is expected


def test_the_day_is_counted_in_utc() -> None:
    made = return_path(ALICE, settings=SETTINGS, now=datetime.fromisoformat("2026-11-21T01:00:00+14:00"))
    token = verify(made, SETTINGS, NOW)
    assert token is not None
    assert token.day == date(2026, 11, 20)


def test_the_newest_key_signs_and_all_verify() -> None:
    old = path(settings=with_keys(OLD))
    token = verify(old, with_keys(OLD, NEW), NOW)
    assert token is not None
    assert token.key_id == OLD.id
    assert octets(path(settings=with_keys(OLD, NEW)))[1] == NEW.id


def test_a_key_taken_out_of_the_ring_verifies_no_more() -> None:
    assert problem(path(settings=with_keys(OLD)), with_keys(NEW)) is Problem.UNKNOWN_KEY


def test_another_secret_under_the_same_id_verifies_nothing() -> None:
    assert problem(path(), with_keys(Key(NEW.id, b"another secret, long enough"))) is Problem.BAD_SIGNATURE


def test_without_keys_nothing_is_valid_and_nothing_is_made() -> None:
    assert problem(path(), TrustSettings()) is Problem.NO_KEYS
    with pytest.raises(TokenError, match="no key is set up"):
        return_path(ALICE, settings=TrustSettings(), now=NOW)


@pytest.mark.parametrize("key", [b"\x00", b"\xff" * 24, b"12345678", b"1234567890123"])
def test_a_key_of_the_senders_own_comes_back(key: bytes) -> None:
    settings = with_forms("b+{token}@lists.example.org")
    token = verify(return_path(ALICE, key=key, settings=settings, now=NOW), settings, NOW)
    assert token is not None
    assert token.key == key


@pytest.mark.parametrize("key", [b"", b"\x00" * 25])
def test_a_key_of_no_octets_or_too_many_is_refused(key: bytes) -> None:
    with pytest.raises(TokenError, match="1 to 24 octets"):
        return_path(ALICE, key=key, settings=SETTINGS, now=NOW)


def test_a_local_part_has_64_octets_at_most_and_the_error_names_its_length() -> None:
    longest = "n" * (64 - len("-bounces+") - 32)
    made = path(on=longest)
    assert len(made.partition("@")[0]) == 64
    assert verify(made, SETTINGS, NOW) is not None
    with pytest.raises(TokenError, match="has 65 octets, 64 are allowed"):
        path(on=f"{longest}n")
    with pytest.raises(TokenError, match="66 octets"):
        return_path(ALICE, key=b"x" * 24, settings=SETTINGS, now=NOW)


@pytest.mark.parametrize("name", ["a", "a.b", "a-bounces+b", "0", "a_b", "a--b", "news-bounces"])
def test_names_of_lists_that_can_stand_in_a_local_part(name: str) -> None:
    token = verify(path(on=name), SETTINGS, NOW)
    assert token is not None
    assert token.list == name


@pytest.mark.parametrize(
    "name", ["a b", "a@b", "ä", "a..b", "-a", "a.", "{token}", "a\nb", "a" * 65, ".", "a\r\nRCPT TO:<b>"]
)
def test_names_of_lists_that_cannot(name: str) -> None:
    with pytest.raises(TokenError, match="cannot stand in a local part"):
        path(on=name)


@pytest.mark.parametrize("address", ["", "alice", "a b@example.org", "alice@example.org\n", "<alice@example.org>", "@"])
def test_a_text_that_is_no_address_gets_no_return_path(address: str) -> None:
    with pytest.raises(TokenError, match="is no address"):
        path(address)


def test_a_list_needs_a_form_with_list_and_the_other_way_round() -> None:
    with pytest.raises(TokenError, match=r"no return path has \{list\}"):
        path(settings=with_forms(PLAIN))
    with pytest.raises(TokenError, match="no list is given"):
        path(on=None, settings=with_forms(LISTED))


@pytest.mark.parametrize("year", [1900, 2200])
def test_a_clock_that_is_wrong_by_a_lifetime_signs_nothing(year: int) -> None:
    with pytest.raises(TokenError, match="the clock is wrong"):
        return_path(ALICE, settings=SETTINGS, now=datetime(year, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "forms",
    [
        ["{token}+{list}@lists.example.org"],
        ["{list}.{token}@lists.example.org", "{token}-b@example.org"],
        ["b={token}={list}@a.example"],
        ["x+{token}@a.example", "x+{token}@b.example"],
    ],
)
def test_forms_in_other_order_and_with_other_signs(forms: Sequence[str]) -> None:
    settings = with_forms(*forms)
    name = "news" if "{list}" in forms[0] else None
    made = path(on=name, settings=settings)
    token = verify(made, settings, NOW)
    assert token is not None
    assert token.list == (name or "")
    assert token.key == subscriber_key(ALICE, NEW)


def test_a_stand_in_bears_no_signature() -> None:
    # The ledger is read by more people than the secret: nobody can make a return path of what stands there.
    token = verify(path(), SETTINGS, NOW)
    assert token is not None
    assert octets(path())[-8:].hex() not in token.id
