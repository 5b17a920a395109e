"""The summary: a company in one row of a table."""

from __future__ import annotations

from collections import Counter

from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment

DEADLINES = 12


def view(assessment: Assessment, data: Json, say: Speaker) -> Json:
    """Return how many projects stand how, how many answers are missing, and what is due next."""
    del say
    counts = Counter(entry["standing"] for entry in data["projects"])
    steps = [
        {
            "due": step["due"],
            "settled": not step["estimated"],
            "project": step["serves"][0]["id"] if step["serves"] else "",
            "title": step["title"],
        }
        for step in data["steps"]
        if step["due"] and step["kind"] in ("apply", "prepare", "improve")
    ]
    duties = [
        {"due": duty["due"], "settled": True, "project": duty["project"], "title": duty["text"]}
        for duty in data["upkeep"]
    ]
    ahead = [one for one in (*steps, *duties) if one["due"] >= assessment.on.isoformat()]
    return {
        "on": assessment.on.isoformat(),
        "counts": dict(counts),
        "held": len(assessment.profile.recognitions or ()),
        "questions": len(data["questions"]),
        "deadlines": sorted(ahead, key=lambda one: one["due"])[:DEADLINES],
    }
