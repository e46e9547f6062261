// The ceremony of passkeys, for forms with data-passkey="create" or "get". Their button is hidden until this can serve it.
"use strict";

const ceremony = window.webauthnJSON;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button[type=submit]");
  const status = form.querySelector("[role=status]");
  if (!ceremony || !ceremony.supported()) continue;
  button.hidden = false;
  for (const note of document.querySelectorAll("[data-without-script]")) note.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    status.textContent = "";
    button.disabled = true;
    try {
      const options = form.dataset.options
        ? JSON.parse(form.dataset.options)
        : await (await fetch(form.action, { headers: { Accept: "application/json" } })).json();
      const made = await ceremony[form.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(made);
      form.submit(); // which asks no listener again
    } catch (error) {
      const known = error.name === "InvalidStateError"; // the device is on the list of those that have one already
      status.textContent = known ? status.dataset.known : status.dataset.failed;
      button.disabled = false;
    }
  });
}
