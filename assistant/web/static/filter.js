// Projects are filtered as the filters are chosen; without this script a button asks the server to do it.
"use strict";
const form = document.querySelector("form.filters");
const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function filter() {
  const { level, kind, month, q } = form.elements;
  const words = plain(q.value);
  const filtered = Boolean(level.value || kind.value || month.value || words);
  let found = 0;
  for (const group of document.querySelectorAll(".group")) {
    let here = 0;
    for (const row of group.querySelectorAll(".project-row[data-name]")) {
      const fits = (!level.value || row.dataset.level === level.value)
        && (!kind.value || row.dataset.kind === kind.value)
        && (!month.value || row.dataset.months.split(" ").includes(month.value))
        && row.dataset.name.includes(words);
      row.hidden = !fits;
      if (!row.hidden) here += 1;
    }
    for (const divider of group.querySelectorAll(".divider")) divider.hidden = filtered;
    group.hidden = filtered && here === 0;
    const number = group.querySelector("h2 .n");
    number.textContent = filtered ? here : number.dataset.all;
    const folded = group.querySelector("details");
    if (folded && filtered) folded.open = true;
    found += here;
  }
  const told = document.getElementById("found");
  told.hidden = !filtered;
  told.querySelector("b").textContent = found;
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
  address.hash = filtered ? "projects" : "";
  history.replaceState(null, "", address);
}

if (form) {
  form.querySelector("button").hidden = true;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  window.addEventListener("pageshow", filter);
}
