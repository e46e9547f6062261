// What makes the portal nicer; every page works without it.
"use strict";

// Copy buttons are hidden until a script can serve them. What happened is said in the status beside them.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.dataset.status);
  let clearing;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      status.textContent = document.body.dataset.copied;
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = document.body.dataset.selected;
    }
    clearTimeout(clearing);
    clearing = setTimeout(() => { status.textContent = ""; }, 4000);
  });
}

// A whole key that is pasted into a search box is cut to its public part before it can reach the address bar.
for (const box of document.querySelectorAll("input[data-cuts-keys]")) {
  box.addEventListener("input", () => {
    const key = box.value.match(/ow_(?:live|test)_[0-9A-Za-z]{12}(?=_)/);
    if (key) box.value = key[0];
  });
}

// A second press while the first is under way makes nothing twice; the server holds to that by itself.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

// The exact time of every moment in the reader's own zone, in its title; the server can only know UTC.
const inYourZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (!Number.isNaN(moment.valueOf())) time.title = inYourZone.format(moment) + (time.title ? ` · ${time.title}` : "");
}
