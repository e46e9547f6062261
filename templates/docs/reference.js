{% load i18n %}{% translate "Example" as example %}"use strict";

// One server and one schema: nothing to choose, so neither is shown.
const nothing = () => () => null;
const lean = () => ({ wrapComponents: { ServersContainer: nothing, InfoUrl: nothing } });

// Its own look for the night, which waits for a class; the reader chooses, else their system, as for the other pages.
const night = matchMedia("(prefers-color-scheme: dark)");
const { theme } = document.documentElement.dataset;
const dress = () => document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : night.matches);
night.addEventListener("change", dress);
dress();

// It names not all that it draws, and what scrolls there can't be scrolled without a mouse.
const place = document.getElementById("swagger-ui");
const name = () => {
  for (const select of place.querySelectorAll("select:not([aria-label])")) {
    const { paramName, code } = select.closest("[data-param-name], [data-code]")?.dataset ?? {};
    if (!select.labels.length) select.setAttribute("aria-label", paramName ?? `{{ example|escapejs }} ${code ?? ""}`);
  }
  for (const text of place.querySelectorAll("pre:not([tabindex])")) text.tabIndex = 0;
};
new MutationObserver(name).observe(place, { childList: true, subtree: true });

window.ui = SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [lean],
  layout: "BaseLayout",
  ...{{ settings|safe }},
});
