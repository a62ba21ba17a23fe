"""The point of the SMTP dialogue that a text names beside a reply (RFC 5321 section 4.3.2)."""

from __future__ import annotations

import re

from dsnparse.model import Stage

__all__ = ["stage_of"]

# A command counts only behind words that tell of the dialogue: "MAIL FROM is mismatched" is a reply's own words.
_HINT = re.compile(
    r"(?:in reply to|in response to|response to|after|did not like our|>>>|-->|following|during|while sending"
    r"|sending|failed on|failed at|error at|stage:) *(?:the |our )?(?:pipelined )?"
    r"(end of data|final data|sending data block|message body|message content|initial connection|connection|connect"
    r"|banner|greeting|mail from|mail|rcpt to|rcpt|data|bdat|ehlo|helo|lhlo|starttls|auth)"
)
# Courier prints the command in square brackets after the reply; others ("[data]") do the same.
_BRACKET = re.compile(r"\[(mail_from|rcpt_to|mail|rcpt|data|eod|helo|ehlo|connect)\]")
_STAGES = {
    "end of data": Stage.EOD,
    "final data": Stage.EOD,
    "sending data block": Stage.EOD,
    "message body": Stage.EOD,
    "message content": Stage.EOD,
    "eod": Stage.EOD,
    "bdat": Stage.EOD,
    "initial connection": Stage.CONNECT,
    "connection": Stage.CONNECT,
    "connect": Stage.CONNECT,
    "banner": Stage.CONNECT,
    "greeting": Stage.CONNECT,
    "mail from": Stage.MAIL,
    "mail_from": Stage.MAIL,
    "mail": Stage.MAIL,
    "rcpt to": Stage.RCPT,
    "rcpt_to": Stage.RCPT,
    "rcpt": Stage.RCPT,
    "data": Stage.DATA,
    "ehlo": Stage.HELO,
    "helo": Stage.HELO,
    "lhlo": Stage.HELO,
    "starttls": Stage.HELO,
    "auth": Stage.HELO,
}
# Whole phrases: Postfix smtp_proto.c for the first, qmail-remote.c for the others.
_PHRASES = (
    ("refused to talk to me", Stage.CONNECT),
    ("but connection died", Stage.CONNECT),
    ("but greeting failed", Stage.CONNECT),
    ("but my name was rejected", Stage.HELO),
    ("but sender was rejected", Stage.MAIL),
    ("does not like recipient", Stage.RCPT),
    ("failed on data command", Stage.DATA),
    ("failed after i sent the message", Stage.EOD),
    ("most progress was rcpt to", Stage.RCPT),
)
_SHORTEST = 6  # "[mail]"


def stage_of(before: str, text: str) -> Stage | None:
    """Return the stage named in a reply's own text, else the last one named before it; None when neither names one."""
    return _last(text) or _last(before)


def _last(text: str) -> Stage | None:
    if len(text) < _SHORTEST:
        return None
    low = text.lower()
    failed, like = "failed " in low, "like " in low
    if failed or like or "but " in low or "talk to me" in low or "progress was" in low:  # in each of `_PHRASES`
        for phrase, stage in _PHRASES:
            if phrase in low:
                return stage
    found = _HINT.findall(low) if failed or like or _hints(low) else []
    if not found and "[" in low:
        found = _BRACKET.findall(low)
    return _STAGES[found[-1]] if found else None


def _hints(low: str) -> bool:
    """Tell whether one of the words that `_HINT` begins with is there, but for "failed" and "like": a quick look."""
    return (
        "after" in low
        or "reply to" in low
        or "sponse to" in low
        or (">" in low and (">>>" in low or "-->" in low))
        or ("ing" in low and ("following" in low or "during" in low or "sending" in low))
        or "error at" in low
        or "stage:" in low
    )
