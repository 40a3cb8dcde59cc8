/* Lists that change in place: what htmx leaves to the page. Tidy addresses, open groups, the focus, the place on the page.
   Without this file the same forms and links load whole pages. */
(() => {
  "use strict";
  const within = (target) => target instanceof Element && target.closest("#listing");
  const results = () => document.getElementById("results");

  /* An address says only what was chosen. */
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.target;
    if (form.id !== "filter-form") return;
    const { formData } = event.detail;
    for (const name of new Set(formData.keys())) {
      const values = formData.getAll(name).filter((value) => value.trim());
      formData.delete(name);
      if (name === "sort" && values[0] === form.dataset.defaultSort) continue;
      for (const value of values) formData.append(name, value);
    }
  });

  /* Enter in a price sends it as a change already. */
  document.addEventListener("submit", (event) => {
    if (event.target.id === "filter-form" && window.htmx) event.preventDefault();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (within(event.target)) results()?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", () => results()?.removeAttribute("aria-busy"));

  /* Groups stay as the visitor left them. */
  let groups = new Map();
  let last = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!within(event.target)) return;
    groups = new Map([...document.querySelectorAll("#filter-groups details")].map((each) => [each.id, each.open]));
    last = { place: event.target.id, back: event.detail.requestConfig.triggeringEvent?.target.closest("a")?.rel === "prev", count: event.target.childElementCount };
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    for (const [id, open] of groups) {
      const group = document.getElementById(id);
      if (group) group.open = open;
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!last || !within(event.target)) return;
    const { place, back, count } = last;
    last = null;
    if (place === "cards") {
      const cards = document.getElementById("cards");
      const seen = document.querySelector(".seen");
      if (seen) {
        seen.querySelector("[data-seen]").textContent = cards.childElementCount;
        seen.querySelector("progress").value = cards.childElementCount;
      }
      const next = cards.children[back ? cards.childElementCount - count - 1 : count];
      next?.querySelector("a")?.focus({ preventScroll: true });
      return;
    }
    /* A chip or a button that took itself away leaves the focus with what it changed. */
    if (document.activeElement === document.body || document.activeElement === null) {
      const count = document.getElementById("list-count");
      count?.setAttribute("tabindex", "-1");
      count?.focus({ preventScroll: true });
    }
    const listing = document.querySelector(".listing-body");
    if (listing && listing.getBoundingClientRect().top < 0) listing.scrollIntoView();
  });

  /* Rather a whole page than one that does not answer. */
  for (const type of ["htmx:sendError", "htmx:responseError", "htmx:swapError"]) {
    document.addEventListener(type, (event) => {
      if (!within(event.target)) return;
      const { pathInfo } = event.detail;
      window.location.assign(pathInfo?.finalRequestPath ?? pathInfo?.requestPath ?? window.location.href);
    });
  }
})();
