// Filters are applied as they are chosen; without this script a button does it.
"use strict";
for (const form of document.querySelectorAll("form.filters")) {
  for (const field of form.querySelectorAll("select")) field.addEventListener("change", () => form.requestSubmit());
}
