"""The company's page: what to do next, and every project with its verdict, its nearest gap and its next round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assistant.dates import DateSpan, add_months
from assistant.delivery.actions import Action, actions
from assistant.delivery.dossier.values import plainly
from assistant.delivery.holdings import held_view
from assistant.delivery.layout import counts, sections
from assistant.delivery.pages import project_pages
from assistant.delivery.plain import Json
from assistant.delivery.shortages import gap_view
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect

FIRST = 4  # questions named before the rest is counted
AHEAD = 18  # months that one can choose from


def view(assessment: Assessment, data: Json, say: Speaker) -> Json:
    """Return the page's values."""
    entries = {entry["id"]: entry for entry in data["projects"]}
    pages = project_pages(assessment, data)
    ranked = assessment.ranked()
    cards = {
        prospect.match.project.id: _card(prospect, entries[prospect.match.project.id], assessment, say)
        for prospect in ranked
    }
    for id_, card in cards.items():
        card |= {"opens_in": pages[id_].opens_in, "closes_in": pages[id_].closes_in}
    ahead = _months(DateSpan(assessment.on, add_months(assessment.on, AHEAD)))
    found: Json = plainly(
        {
            "on": assessment.on,
            "counts": counts(ranked, assessment.on),
            "sections": {name: part._asdict() for name, part in sections(ranked, assessment.on).items()},
            "cards": cards,
            "actions": [_action(one, entries, say) for one in actions(data, ranked, assessment.on)],
            "holdings": [held_view(entry, assessment, data, say) for entry in assessment.profile.recognitions or ()],
            "told_holdings": assessment.profile.recognitions is not None,
            "remarks": data["remarks"],
            "questions": len(data["questions"]),
            "first_questions": [one["label"] for one in data["questions"][:FIRST]],
            "levels": list(dict.fromkeys(entry["level"] for entry in data["projects"])),
            "kinds": sorted({entry["kind"] for entry in data["projects"]}),
            "months": [month for month in ahead if any(month in card["months"] for card in cards.values())],
        }
    )
    return found


def sought(text: str) -> str:
    """Return a text as a search compares it: letters and numbers alone, small ones."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _card(prospect: Prospect, entry: Json, assessment: Assessment, say: Speaker) -> Json:
    """Return a project in a few lines."""
    gaps = [gap_view(gap, prospect.way(gap), entry, say) for gap in prospect.gaps]
    nearest = gaps[0] if gaps else None
    rows = nearest.findings[0][1] if nearest and len(nearest.findings) == 1 else ()
    window = prospect.window
    first = window.opens or window.closes
    last = window.closes or window.opens
    dated = window.status in ("announced", "expected") and first is not None and last is not None
    return {
        "id": entry["id"],
        "name": entry["name"],
        "key": sought(entry["name"]),
        "level": entry["level"],
        "kind": entry["kind"],
        "cycle": entry["cycle"],
        "standing": entry["standing"],
        "reason": entry["reason"],
        "held": entry["held"],
        "gaps": len(gaps),
        "gap": nearest.says if nearest else "",
        "short": rows[0].short if rows else "",
        "over": rows[0].over if rows else False,
        "questions": len(entry["questions"]),
        "first": [one["label"] for one in entry["questions"][:3]],
        "judged": len(entry["judgements_open"]),
        "window": {"status": window.status, "text": entry["window"]["text"], "confidence": window.confidence},
        "due": prospect.is_due(assessment.on),
        "months": list(_months(DateSpan(first.earliest, last.latest))) if dated and first and last else [],
        "overdue": entry["overdue"],
        "unread": entry["text"] is not None and entry["text"]["state"] != "full",
    }


def _months(days: DateSpan) -> Iterator[str]:
    """Yield the months that the days touch, as `2027-03`; no more than three years of them."""
    first = date(days.earliest.year, days.earliest.month, 1)
    for step in range(36):
        month = add_months(first, step)
        if month > days.latest:
            return
        yield f"{month:%Y-%m}"


def _action(one: Action, entries: Json, say: Speaker) -> Json:
    """Return one of the next things to do."""
    project = entries.get(one.project)
    return {
        "kind": one.kind,
        "due": one.due,
        "days": one.days,
        "late": one.late,
        "estimated": one.estimated,
        "project": one.project,
        "name": project["name"] if project else "",
        "entries": [
            {
                "title": entry.get("title") or entry.get("text", ""),
                "kind": entry["kind"],
                "text": entry.get("text", ""),
                "name": say.recognition(entry["project"]) if "project" in entry else "",
            }
            for entry in one.entries
        ],
    }
