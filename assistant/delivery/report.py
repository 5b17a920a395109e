"""The report is the whole assessment on one self-contained page: what to do next first, then why.

Every verdict, sentence and number comes from the result; here they are only put in the order of a page.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from fractions import Fraction
from functools import cache as keep
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from assistant.delivery.actions import AT_ONCE, actions
from assistant.delivery.drawing.path import path_view
from assistant.delivery.drawing.timeline import timeline_view
from assistant.delivery.holdings import held_view
from assistant.delivery.layout import bases, counts, outline, sections
from assistant.delivery.new_rules import new_rules
from assistant.delivery.pages import project_pages
from assistant.delivery.plain import Json
from assistant.delivery.result import result
from assistant.delivery.shortages import gap_view
from assistant.delivery.wording.captions import captions
from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.routes import leg_needs
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.questions import topic_of
from assistant.units import decimal_text

FIRST_QUESTIONS = 4
SHOWN_PLACES = 2  # decimals of points


def report(assessment: Assessment, lang: str = "zh", *, data: Json | None = None, cache: Path | None = None) -> str:
    """Return the assessment as one HTML page that needs nothing beside it.

    *data* is its result where that is at hand; *cache* keeps the compiled template.
    """
    say = Speaker(assessment.rulebook, lang)
    data = data or result(assessment, lang)
    projects = {entry["id"]: entry for entry in data["projects"]}
    prospects = {prospect.match.project.id: prospect for prospect in assessment.ranked()}
    pages = project_pages(assessment, data)
    outlines = {id_: shape for id_, prospect in prospects.items() if (shape := outline(prospect.match.tree))}
    template = _environment(cache).get_template("report.html.j2")
    page = template.render(
        lang=lang,
        say=say,
        result=data,
        projects=projects,
        on=assessment.on,
        counts=counts(prospects.values(), assessment.on),
        sections=sections(prospects.values(), assessment.on),
        gaps={
            id_: [gap_view(gap, prospect.way(gap), projects[id_], say) for gap in prospect.gaps]
            for id_, prospect in prospects.items()
        },
        outlines=outlines,
        criteria={id_: {one["id"]: one for one in entry["criteria"]} for id_, entry in projects.items()},
        bases={id_: bases(entry, say) for id_, entry in projects.items()},
        actions=actions(data, list(prospects.values()), assessment.on),
        holdings=[held_view(entry, assessment, data, say) for entry in assessment.profile.recognitions or ()],
        told_holdings=assessment.profile.recognitions is not None,
        topics=_topics(assessment, data),
        months=_months(data),
        first_questions=FIRST_QUESTIONS,
        at_once=AT_ONCE,
        timeline=timeline_view(assessment, data, say),
        pages=pages,
        paged=sorted((id_ for id_ in outlines), key=lambda id_: not pages[id_].matters),
        graph=path_view(data["paths"], assessment.on, say),
        changes=new_rules(assessment, say),
        leg_needs=leg_needs,
        words={"sign": captions("sign", say), **{group: labels(group, lang) for group in _WORDS}},
    )
    return page.lstrip()  # the macros before the page leave their line ends


_WORDS = ("state", "role", "kind", "level", "confidence", "standing", "standing-of-source", "step", "cost", "verdict")


@keep
def _environment(folder: Path | None) -> Environment:
    environment = Environment(
        loader=PackageLoader("assistant.delivery", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_Compiled(folder) if folder else None,
    )
    environment.filters["number"] = _number
    environment.filters["link"] = _link
    return environment


class _Compiled(BytecodeCache):
    """Compiled templates in a folder: compiling them takes longer than all the rest of the page.

    They are found by the digest of their source; a damaged one, or a folder that cannot be written, only means
    compiling again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        path = self._path(bucket)
        try:
            if path.stat().st_uid == os.getuid():
                bucket.bytecode_from_string(path.read_bytes())
        except Exception:  # noqa: BLE001  # however it is damaged, it is only compiled again
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as stream:
                bucket.write_bytecode(stream)
            Path(temporary).replace(self._path(bucket))

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / f"template-{version('jinja2')}-{bucket.key}"


def _number(value: float) -> str:
    """Return a JSON number for reading, cut and never rounded up."""
    return decimal_text(Fraction(str(value)), places=SHOWN_PLACES)


def _link(url: str | None) -> str:
    """Return *url* where a browser may be sent there, else nothing."""
    return url if url and url.startswith(("https://", "http://")) else ""


def _topics(assessment: Assessment, data: Json) -> list[tuple[str, list[Json]]]:
    """Return the questions by topic, topics and questions in the order of their use."""
    topics: dict[str, list[Json]] = {}
    for ask, question in zip(assessment.asks, data["questions"], strict=True):
        label = assessment.rulebook.dictionary.topics[topic_of(ask.fact, assessment.rulebook)]
        topics.setdefault(label, []).append(question)
    return list(topics.items())


def _months(data: Json) -> list[tuple[str, list[Json]]]:
    """Return steps and duties by month (`2026-12`); those without a date come last under no month."""
    duties = [
        {"kind": duty["kind"], "title": duty["text"], "note": "", "due": duty["due"], "late": False,
         "chance": "in-time", "estimated": False, "serves": []}
        for duty in data["upkeep"]
    ]  # fmt: skip
    entries = sorted([*data["steps"], *duties], key=lambda entry: entry["due"] or "9999")
    return [(month, list(group)) for month, group in groupby(entries, key=lambda entry: (entry["due"] or "")[:7])]
