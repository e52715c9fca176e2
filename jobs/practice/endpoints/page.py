"""A page for people and the same facts as JSON for tests."""

import time
from collections.abc import Sequence
from html import escape
from typing import Any

from jobs.practice.http.messages import Reply, Request, as_html, as_json
from jobs.practice.kinds import UPGRADES, TaskKind
from jobs.practice.life.practice import Practice

SHOWN = 200
STYLE = """
:root{color-scheme:light dark;--line:light-dark(#0002,#fff3);--soft:light-dark(#555,#aaa);
--good:light-dark(#17652b,#7ad992);--bad:light-dark(#a11,#ff9a8f)}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;
background:light-dark(#fff,#131417);color:light-dark(#16181d,#e8e8ea)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .3rem}
p{margin:.2rem 0;color:var(--soft)}
div{overflow-x:auto}table{border-collapse:collapse;width:100%;min-width:60rem}
td,th{text-align:left;padding:.4rem 1rem .4rem 0;border-bottom:1px solid var(--line);
vertical-align:top}th{font-weight:600;color:var(--soft)}td{overflow-wrap:anywhere}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font-size:.85em}small{display:block;color:var(--soft)}.succeeded{color:var(--good)}
.failed,.canceled,.twice{color:var(--bad)}.twice{font-weight:700}a{color:inherit}
:target{background:light-dark(#fff3c4,#3a3413)}
"""


def state(practice: Practice, _request: Request) -> Reply:
    """GET /practice/state.json: accounts with charges and counts, and every task."""
    return as_json(facts(practice))


def facts(practice: Practice) -> dict[str, Any]:
    """The facts that page and JSON share. Credits are decimal figures.

    ``submissions_seen`` counts how often the very same submission arrived, ``submissions_accepted``
    how many tasks were made, and charged, of it: more than one is a video bought twice.
    """
    tasks = []
    for task in practice.book.all():
        alike = practice.book.alike(task)
        counts = {"submissions_seen": alike.seen, "submissions_accepted": alike.accepted}
        tasks.append({**task.facts(), **counts})
    return {
        "accounts": {
            each.name: {
                "provider": each.provider,
                "balance": float(each.balance),
                "charged": float(each.charged),
                "kinds": _by_kind([task for task in tasks if task["account"] == each.name]),
                "creations_seen": each.seen,
                "creations_accepted": each.accepted,
                "creations_limited": each.limited,
                "most_in_window": each.most_in_window,
                "rate_limit": each.rate_limit,
                "rate_seconds": each.rate_seconds,
            }
            for each in practice.accounts
        },
        "requests": dict(practice.counts),
        "tasks": tasks,
        "uploads": [
            {"path": each.path, "bytes": len(each.content), "type": each.kind}
            for each in practice.uploads.all()
        ],
    }


def _by_kind(tasks: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {}
    for kind in TaskKind:
        ours = [task["charged"] for task in tasks if task["kind"] == kind]
        found[str(kind)] = {"tasks": len(ours), "charged": sum(ours)}
    return found


def overview(practice: Practice, _request: Request) -> Reply:
    """GET /: accounts and the newest tasks."""
    known = facts(practice)
    newest = known["tasks"][: -SHOWN - 1 : -1]
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><meta http-equiv=refresh content=3>"
        f"<title>Practice provider</title><style>{STYLE}</style><h1>Practice provider</h1>"
        "<p>A stand-in for kie and veo4. Nothing here costs anything."
        " The same as JSON: <a href=/practice/state.json>state.json</a>."
        f"<h2>Accounts</h2>{_accounts(known['accounts'])}"
        f"<h2>Tasks</h2><p>{_shown(len(newest), len(known['tasks']))}{_tasks(newest)}"
    )
    return as_html(body)


def _shown(shown: int, all_of_them: int) -> str:
    if not all_of_them:
        return "None yet."
    return f"The newest {shown} of {all_of_them}." if shown < all_of_them else "Newest first."


def _accounts(accounts: dict[str, dict[str, Any]]) -> str:
    heads = ["Account", "Provider", "#Balance", "#Charged", *(f"#{kind}" for kind in TaskKind)]
    heads += ["#Submissions", "#Most at a time"]
    rows = [
        [
            _text(name),
            _text(each["provider"]),
            _credits(each["balance"]),
            _credits(each["charged"]),
            *(_sum(each["kinds"][kind]) for kind in TaskKind),
            _with(each["creations_seen"], _answered(each)),
            _with(each["most_in_window"], _allowed(each)),
        ]
        for name, each in accounts.items()
    ]
    return _table(heads, rows)


def _tasks(tasks: Sequence[dict[str, Any]]) -> str:
    heads = ["Task", "Kind", "Made of", "Account", "Prompt", "State", "#Charged", "#Submissions"]
    heads.append("#Callbacks")
    rows = [
        [
            _with(f"<code>{_text(task['id'])}</code>", _clock(task["created"])),
            _with(task["kind"], f"{task['resolution']}, {task['seconds']} s"),
            _source(task["source"]),
            _text(task["account"]),
            _text(task["prompt"]),
            _with(f"<span class={task['state']}>{task['state']}</span>", task["reason"] or ""),
            _credits(task["charged"]),
            _submissions(task),
            str(task["callbacks"]),
        ]
        for task in tasks
    ]
    # An upgrade may share its id with its source, which is what others refer to.
    anchors = ["" if task["kind"] in UPGRADES else task["id"] for task in tasks]
    return _table(heads, rows, anchors)


def _source(task_id: str | None) -> str:
    if task_id is None:
        return "–"
    return f"<code><a href='#{_text(task_id)}'>{_text(task_id)}</a></code>"


def _submissions(task: dict[str, Any]) -> str:
    twice = " class=twice" if task["submissions_accepted"] > 1 else ""
    accepted = f"<small{twice}>{task['submissions_accepted']} accepted</small>"
    return f"{task['submissions_seen']}{accepted}"


def _sum(kind: dict[str, Any]) -> str:
    return _with(_credits(kind["charged"]), f"{kind['tasks']} task{'s' * (kind['tasks'] != 1)}")


def _answered(account: dict[str, Any]) -> str:
    return f"{account['creations_accepted']} accepted, {account['creations_limited']} too many"


def _allowed(account: dict[str, Any]) -> str:
    return f"{account['rate_limit']} allowed in {account['rate_seconds']:g} s"


def _with(markup: Any, note: str) -> str:
    """A cell with a note below, which may hold anything."""
    return f"{markup}<small>{_text(note)}</small>"


def _credits(figure: float) -> str:
    return f"{figure:,.2f}".removesuffix(".00")


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _text(value: Any) -> str:
    return escape(str(value))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], anchors: Sequence[str] = ()) -> str:
    """A table of cells that are HTML already; a head with # before it stands over figures."""
    figures = [" class=n" if head.startswith("#") else "" for head in heads]
    top = "".join(
        f"<th{kind}>{_text(head.removeprefix('#'))}"
        for kind, head in zip(figures, heads, strict=True)
    )
    lines = [f"<tr>{top}"]
    for number, row in enumerate(rows):
        anchor = f" id='{_text(anchors[number])}'" if anchors and anchors[number] else ""
        cells = (f"<td{kind}>{cell}" for kind, cell in zip(figures, row, strict=True))
        lines.append(f"<tr{anchor}>{''.join(cells)}")
    return f"<div><table>{''.join(lines)}</table></div>"
