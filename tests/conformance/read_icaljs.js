// Read the calendars named on the command line with ical.js; print {file: [[uid, start, end, status, summary, description], …]}.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

function row(component) {
  const text = (name) => component.getFirstPropertyValue(name);
  const day = (name) => text(name)?.toString() ?? null;
  const last = component.name === "vtodo" ? "due" : "dtend";
  return [text("uid"), day("dtstart"), day(last), text("status"), text("summary"), text("description")];
}

const found = {};
for (const file of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf-8")));
  found[file] = ["vevent", "vtodo"].flatMap((kind) => calendar.getAllSubcomponents(kind).map(row));
}
console.log(JSON.stringify(found));
