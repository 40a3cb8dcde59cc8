/* Suggestions below the search box (an ARIA combobox with a listbox). The server renders them; without this file the box is a
   plain search. Focus stays in the field: the arrow keys move `aria-activedescendant` over the options, which are links. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-suggest]");
  const field = form?.querySelector("input[type='search']");
  if (!field) return;

  const PAUSE_MS = 140;
  const SHORTEST = 2;
  const KEPT = 40;

  const panel = document.createElement("div");
  panel.className = "suggestions";
  panel.hidden = true;
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  form.append(panel, told);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false",
  })) field.setAttribute(name, value);

  const answers = new Map();
  let pause, asking, shownFor = "", active = -1;
  const options = () => [...panel.querySelectorAll("[role='option']")];

  const mark = (place) => {
    const all = options();
    active = place;
    all.forEach((option, each) => option.setAttribute("aria-selected", String(each === place)));
    if (place < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", all[place].id);
      all[place].scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => {
    clearTimeout(pause);
    asking?.abort();
    panel.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-controls");
    mark(-1);
  };
  const open = () => {
    if (!panel.childElementCount) return;
    panel.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", "suggestions-list");
  };
  const show = (text, html) => {
    shownFor = text;
    panel.innerHTML = html;
    mark(-1);
    const count = options().length;
    told.textContent = count ? `${count} suggestions. Use the arrow keys to choose one.` : "No suggestions.";
    if (count && document.activeElement === field) open(); else close();
  };
  const ask = async () => {
    const text = field.value.trim().replace(/\s+/g, " ");
    if (text.length < SHORTEST) { shownFor = ""; panel.replaceChildren(); told.textContent = ""; close(); return; }
    if (text === shownFor) { open(); return; }
    if (answers.has(text)) { show(text, answers.get(text)); return; }
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal: asking.signal });
      const html = answer.ok ? await answer.text() : "";
      if (answers.size >= KEPT) answers.delete(answers.keys().next().value);
      if (answer.ok) answers.set(text, html);
      show(text, html);
    } catch { /* Typed on, or the network is away: Enter still searches. */ }
  };
  const soon = () => { clearTimeout(pause); pause = setTimeout(ask, PAUSE_MS); };

  field.addEventListener("input", soon);
  field.addEventListener("focus", () => { if (field.value.trim()) soon(); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (panel.hidden) { if (last >= 0 && shownFor) { event.preventDefault(); open(); } else soon(); return; }
      event.preventDefault();
      /* Below the last option and above the first lies the field itself. */
      if (event.key === "ArrowDown") mark(active >= last ? -1 : active + 1);
      else mark(active < 0 ? last : active - 1);
    } else if (event.key === "Enter" && !panel.hidden && active >= 0) {
      event.preventDefault();
      options()[active].click();
    } else if (event.key === "Escape" && !panel.hidden) {
      /* The first Escape closes the list, the second empties the field, as browsers do. */
      event.preventDefault();
      close();
    } else if (event.key === "Tab") close();
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
  form.addEventListener("submit", close);
  document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) close(); });
  window.addEventListener("pageshow", close);
})();
