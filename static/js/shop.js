/* Progressive enhancement only: every page works without this file. Behaviour is asked for by data attributes and classes,
   because the Content-Security-Policy forbids inline handlers. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const on = (type, selector, handle, options) =>
    document.addEventListener(type, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) handle(target, event);
    }, options);

  /* Forms with data-autosubmit send themselves when a choice changes; their own button carries .no-js-only. */
  on("change", "form[data-autosubmit] :is(select, input)", (control) => {
    if (control.reportValidity()) control.form.requestSubmit();
  });

  /* A second click must not order twice; the server's idempotency key is the guard, this only shows it. */
  on("submit", "form", (form, event) => {
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  /* Back brings the page as it was left: the form must be usable again. */
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });

  /* Quantity steppers */
  const limits = (input) => {
    const value = input.valueAsNumber;
    const [less, more] = input.parentElement.querySelectorAll("button");
    less.disabled = value <= Number(input.min || 1);
    more.disabled = input.max !== "" && value >= Number(input.max);
  };
  const steps = new WeakMap();
  on("click", ".stepper [data-step]", (button) => {
    const input = button.parentElement.querySelector("input");
    const before = input.value;
    if (button.dataset.step === "up") input.stepUp(); else input.stepDown();
    limits(input);
    if (button.disabled) input.focus();
    if (input.value === before) return;
    /* Somebody who goes from 1 to 5 means 5, not 2, 3, 4 and 5. */
    clearTimeout(steps.get(input));
    steps.set(input, setTimeout(() => input.dispatchEvent(new Event("change", { bubbles: true })), 400));
  });
  on("input", ".stepper input", limits);
  const prepare = () => {
    for (const input of document.querySelectorAll(".stepper input")) limits(input);
  };
  const start = () => {
    prepare();
    /* On a phone the menu of the account is a strip: it begins where one is. */
    const here = document.querySelector(".account-ways [aria-current]");
    const strip = here?.closest(".account-ways");
    if (strip) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
    /* Somebody who can't see the page must meet the list of mistakes first. */
    document.querySelector("[data-error-summary]")?.focus();
  };

  on("click", "[data-dismiss]", (button) => button.closest(".alert").remove());

  /* A menu that would leave the window opens to the other side. Without this file those on the right do so anyway. */
  for (const type of ["pointerover", "focusin"]) {
    on(type, ".site-nav .top > li", (item) => {
      const menu = item.querySelector(".sub");
      if (!menu || getComputedStyle(menu).position !== "absolute") return;
      const { left } = item.getBoundingClientRect();
      menu.classList.toggle("leftwards", left + menu.offsetWidth > root.clientWidth);
      menu.classList.toggle("rightwards", left + menu.offsetWidth <= root.clientWidth);
    });
  }

  /* Menus that open on hover close on Escape (WCAG 1.4.13). */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const item of document.querySelectorAll(".site-nav li:is(:hover, :focus-within)")) item.classList.add("dismissed");
  });
  for (const type of ["pointerout", "focusout"]) {
    on(type, ".site-nav li.dismissed", (item, event) => {
      if (!item.contains(event.relatedTarget)) item.classList.remove("dismissed");
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
