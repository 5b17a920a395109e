// Read the calendars named on the command line with node-ical; print {file: [[uid, start, end, status, summary, description], …]}.
import ical from "node-ical";

// A whole day comes as the local midnight, so only its local parts say which day it is.
function day(moment) {
  if (!moment) return null;
  if (moment.dateOnly !== true) return moment.toISOString();
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

const found = {};
for (const file of process.argv.slice(2)) {
  const components = Object.values(ical.sync.parseFile(file));
  found[file] = components
    .filter((one) => one.type === "VEVENT" || one.type === "VTODO")
    .map((one) => [
      one.uid,
      day(one.start),
      day(one.type === "VTODO" ? one.due : one.end),
      one.status,
      one.summary,
      one.description,
    ]);
}
console.log(JSON.stringify(found));
