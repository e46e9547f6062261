// A key's page: waits for its first request, and counts an overlap down. Without this, the page says both as of now.
"use strict";

const EVERY = 2000; // milliseconds; requests are counted about as often
const FOR = 5 * 60 * 1000; // then the link below it has to do
const COUNTS_EVERY = 15000;
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// What is new, without how long ago it was: else a screen reader would hear the same again and again.
const news = (root) => {
  const copy = root.querySelector("[data-state]")?.cloneNode(true);
  copy?.querySelectorAll("time").forEach((time) => time.remove());
  return copy?.textContent;
};

async function wait(place) {
  for (const ends = Date.now() + FOR; Date.now() < ends;) {
    await pause(EVERY);
    if (document.hidden) continue;
    try {
      const answer = await fetch(place.dataset.poll, { redirect: "manual" });
      if (!answer.ok) return; // signed out, or the key is gone
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (news(found) !== news(place)) place.replaceChildren(...found.childNodes);
      const state = place.querySelector("[data-state]")?.dataset.state;
      if (!state || state === "good") {
        place.nextElementSibling?.remove(); // what to do while nothing came
        return;
      }
    } catch {
      await pause(EVERY * 4); // the server can't be reached just now
    }
  }
  const said = document.createElement("p");
  said.textContent = place.dataset.paused;
  place.append(said);
}

for (const place of document.querySelectorAll("[data-poll]")) wait(place);

// From the server's "23 hours, 59 minutes" to the reader's running clock.
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const tick = () => {
    let left = Math.max(0, Math.floor((new Date(time.dateTime) - Date.now()) / 1000));
    const parts = [];
    for (const [unit, seconds] of UNITS) {
      const number = Math.floor(left / seconds);
      left -= number * seconds;
      const words = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" });
      if (number && parts.length < 2) parts.push(words.format(number));
    }
    time.textContent = parts.join(", ") || time.dataset.over;
  };
  tick();
  setInterval(tick, COUNTS_EVERY);
}
