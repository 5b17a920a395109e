"use strict";
// Shows how far something is without loading the page anew; when it is over, the page is loaded once more.
const SECONDS = 2;

async function look() {
  const shown = document.getElementById("progress");
  try {
    const answer = await fetch(shown.dataset.address, { redirect: "manual" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("progress");
      if (!fresh) {
        location.reload();
        return;
      }
      const now = fresh.querySelector("progress");
      const bar = shown.querySelector("progress");
      bar.max = now.max;
      bar.value = now.value;
      const told = shown.querySelector(".lead");
      if (told.textContent !== fresh.querySelector(".lead").textContent) {
        told.textContent = fresh.querySelector(".lead").textContent;
      }
    } else if (answer.status < 500) {
      location.reload();
      return;
    }
  } catch {
    // out of reach for a moment: the next look may succeed
  }
  setTimeout(look, SECONDS * 1000);
}

if (document.getElementById("progress")) setTimeout(look, SECONDS * 1000);
