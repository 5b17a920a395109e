// Fields: a word finds its industry, a list is narrowed, what is answered is not unclear. All of it works without.
"use strict";

// Whoever ticks "unclear" takes the answer back, and whoever answers takes back the tick.
for (const tick of document.querySelectorAll('.unsure input[type="checkbox"]')) {
  const name = tick.name.slice(0, tick.name.lastIndexOf(":"));
  const fields = [...tick.form.elements].filter((one) => one.name === name || one.name.startsWith(`${name}:`)).filter((one) => one !== tick);
  const taken = new Map();
  tick.addEventListener("change", () => {
    for (const field of fields) {
      if (field.type === "radio" || field.type === "checkbox") {
        if (tick.checked) taken.set(field, field.checked);
        field.checked = !tick.checked && Boolean(taken.get(field));
      } else {
        if (tick.checked) taken.set(field, field.value);
        field.value = tick.checked ? "" : taken.get(field) || "";
      }
    }
  });
  for (const field of fields) {
    field.addEventListener("input", () => {
      if (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value) tick.checked = false;
    });
  }
}

// An industry is offered while its name or code is typed.
for (const field of document.querySelectorAll("[data-suggests]")) {
  const list = document.createElement("datalist");
  list.id = `${field.id}-list`;
  field.after(list);
  field.setAttribute("list", list.id);
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const answer = await fetch(`${field.dataset.suggests}?q=${encodeURIComponent(field.value)}`).catch(() => null);
      if (!answer || !answer.ok) return;
      const found = await answer.json();
      list.replaceChildren(...found.map(([code, name]) => new Option(`${code} ${name}`, `${code} ${name}`)));
    }, 150);
  });
}

// A long list can be searched; one that is ticked stays in sight.
for (const list of document.querySelectorAll("ul.held")) {
  const search = document.createElement("input");
  search.type = "search";
  search.className = "narrowing";
  search.placeholder = list.dataset.search;
  search.setAttribute("aria-label", list.dataset.searchLabel);
  search.autocomplete = "off";
  list.before(search);
  search.addEventListener("input", () => {
    for (const item of list.children) {
      const ticked = item.querySelector('input[type="checkbox"]').checked;
      item.hidden = !ticked && !item.textContent.includes(search.value.trim());
    }
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// A row can be added to a list.
for (const table of document.querySelectorAll("table.entries")) {
  const note = table.parentElement.nextElementSibling;
  const add = document.createElement("button");
  add.type = "button";
  add.className = "as-link";
  add.textContent = note.dataset.adds;
  note.replaceWith(add);
  add.addEventListener("click", () => {
    const body = table.tBodies[0];
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    for (const field of row.querySelectorAll("input, select")) {
      field.value = "";
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+/, body.rows.length + 1));
    }
    body.append(row);
    row.querySelector("input, select").focus();
  });
}
