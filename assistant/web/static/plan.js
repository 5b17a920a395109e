// The plan: a mark is made without loading the page anew. Without this script every button loads it.
"use strict";
const live = document.getElementById("live");
const left = document.getElementById("left");

async function mark(form, button, body) {
  const task = form.closest(".task");
  const wasOpen = task.querySelector("details.more").open;
  const answer = await fetch(form.action, { method: "POST", body, headers: { "x-plan-task": "1" }, redirect: "manual" });
  if (![200, 409, 422].includes(answer.status)) return false;
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  const fresh = made.content.querySelector(".task");
  if (!fresh) return false;
  const settled = (one) => one.dataset.settled === "yes";
  if (left) left.textContent = Number(left.textContent) + Number(settled(task)) - Number(settled(fresh));
  const details = fresh.querySelector("details.more");
  const sent = button.closest("details.more");
  details.open = details.open || (wasOpen && answer.status !== 200) || false;
  task.replaceWith(fresh);
  const month = fresh.closest(".month");
  if (month) month.querySelector("h3 .n").textContent = [...month.querySelectorAll(".task")].filter((one) => !settled(one)).length;
  const wrong = fresh.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
  else if (sent) details.querySelector("summary").focus();
  else fresh.querySelector(".tick button")?.focus();
  const title = fresh.querySelector("h4").firstChild.textContent;
  const said = answer.status !== 200 ? "没有保存：" : settled(fresh) ? "已办完或不需要：" : "已保存：";
  if (live) live.textContent = said + title;
  return true;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-task]");
  if (!form || !form.closest(".task") || !event.submitter) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button)); // a disabled button says nothing
  button.disabled = true;
  mark(form, button, body).catch(() => false).then((done) => {
    button.disabled = false;
    if (done) return;
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: button.name, value: button.value });
    form.append(chosen);
    form.submit();
  });
});

// Whoever is chosen by name brings the address along.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.name === "assignee") {
    const known = [...document.querySelectorAll("#people option")].find((one) => one.value === field.value);
    const address = field.form.elements.email;
    if (known && !address.value) address.value = known.dataset.email;
  }
  const filters = field.closest("form.filters");
  if (filters) filters.requestSubmit();
});

for (const button of document.querySelectorAll("form.filters button")) button.hidden = true;
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const told of document.querySelectorAll("[data-by-hand]")) told.hidden = true;
