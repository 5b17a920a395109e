"""The summary: a company in one row of a table."""

from __future__ import annotations

from collections import Counter

from assistant.delivery.plain import Json
from assistant.delivery.wording.events import event_words
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment

DEADLINES = 12


def view(assessment: Assessment, data: Json, say: Speaker) -> Json:
    """Return how many projects stand how, how many answers are missing, and what is due next.

    A recognition that is held counts as that alone, however its review stands. Due are applications and what holders
    owe: papers and gaps are counted back from these.
    """
    counts = Counter("held" if entry["review"] else entry["standing"] for entry in data["projects"])
    applications = [
        {
            "due": step["due"],
            "settled": not step["estimated"],
            "project": step["serves"][0]["id"] if step["serves"] else "",
            "title": step["title"],
        }
        for step in data["steps"]
        if step["due"] and step["kind"] == "apply"
    ]
    duties = [
        {
            "due": duty["due"],
            "settled": True,
            "project": duty["project"],
            "title": event_words(f"upkeep-{duty['kind']}", say).format(duty["name"]),
        }
        for duty in data["upkeep"]
    ]
    ahead = [one for one in (*applications, *duties) if one["due"] >= assessment.on.isoformat()]
    return {
        "on": assessment.on.isoformat(),
        "counts": dict(counts),
        "held": len(assessment.profile.recognitions or ()),
        "questions": len(data["questions"]),
        "deadlines": sorted(ahead, key=lambda one: one["due"])[:DEADLINES],
    }
