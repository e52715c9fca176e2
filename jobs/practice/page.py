"""A page for people and the same facts as JSON for tests."""

from html import escape
from typing import Any

from jobs.practice.core import Practice
from jobs.practice.messages import Answer, Request, as_html, as_json

SHOWN = 200
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}"
    "td,th{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid #8884;"
    "vertical-align:top}th{font-weight:600}code{font-size:.85em}td{overflow-wrap:anywhere}"
)


def state(practice: Practice, _request: Request) -> Answer:
    """GET /practice/state.json: accounts with charges and counts, and every task."""
    return as_json(facts(practice))


def facts(practice: Practice) -> dict[str, Any]:
    """The facts that page and JSON share. Credits are decimal figures."""
    return {
        "accounts": {
            each.name: {
                "provider": each.provider,
                "balance": float(each.balance),
                "charged": float(each.charged),
                "creations_seen": each.seen,
                "creations_accepted": each.accepted,
                "creations_limited": each.limited,
                "most_in_window": each.most_in_window,
            }
            for each in practice.accounts
        },
        "requests": dict(practice.counts),
        "tasks": [task.facts() for task in practice.book.all()],
    }


def overview(practice: Practice, _request: Request) -> Answer:
    """GET /: accounts and the newest tasks."""
    known = facts(practice)
    accounts = [
        [name, each["provider"], each["balance"], each["charged"], each["creations_accepted"]]
        for name, each in known["accounts"].items()
    ]
    tasks = [
        [
            task["id"],
            task["provider"],
            task["prompt"],
            task["state"],
            task["charged"],
            task["callbacks"],
        ]
        for task in known["tasks"][: -SHOWN - 1 : -1]
    ]
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
        f"<title>Practice provider</title><style>{STYLE}</style><h1>Practice provider</h1>"
        "<p>A stand-in for kie and veo4. Nothing here costs anything.</p>"
        + _table(["Account", "Provider", "Balance", "Charged", "Accepted"], accounts)
        + _table(["Task", "Provider", "Prompt", "State", "Charged", "Callbacks"], tasks)
    )
    return as_html(body)


def _table(heads: list[str], rows: list[list[Any]]) -> str:
    top = "".join(f"<th>{escape(head)}" for head in heads)
    lines = ("<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in row) for row in rows)
    return f"<table><tr>{top}{''.join(lines)}</table>"
