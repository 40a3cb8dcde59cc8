/* The checkout while htmx renews parts of it: what was typed meanwhile stays, and a part that has not changed stays in place,
   as a click that has begun on it must still count. */
(() => {
  "use strict";
  /* What could not be asked for in place can still be asked for by hand. */
  for (const type of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(type, () => {
      for (const part of document.querySelectorAll("#checkout .no-js-only")) part.classList.remove("no-js-only");
    });
  }
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const { target, fragment } = detail;
    const next = fragment.firstElementChild;
    if (!next || !target.id.endsWith("-part")) return;
    if (target.dataset.for !== undefined ? target.dataset.for === next.dataset.for : target.innerHTML === next.innerHTML) {
      detail.shouldSwap = false;
      return;
    }
    for (const field of target.querySelectorAll("input, select")) {
      const renewed = field.name && next.querySelector(`[name="${CSS.escape(field.name)}"]`);
      if (!renewed || field.type === "hidden" || field.type === "radio") continue;
      renewed.value = field.value;
    }
    const opened = target.querySelector("details[open]");
    if (opened) next.querySelector("details")?.setAttribute("open", "");
  });
})();
