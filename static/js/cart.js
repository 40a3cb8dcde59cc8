/* The cart in place: a drawer that any "Add to cart" opens, and quantities that change without leaving the page. htmx carries
   the forms; this file opens the drawer and keeps pages right that were made before their visitor had a session. */
(() => {
  "use strict";
  const { htmx } = window;
  const drawer = document.getElementById("cart-drawer");
  const content = document.getElementById("cart-drawer-content");
  if (!htmx || !drawer) return;
  const ADDITION = 'form[action="/cart/lines"]:not([data-hx-post])';
  const TOKEN = "csrf_token";
  const isOurs = (path) => path === "/cart/drawer" || path.startsWith("/cart/lines");

  const open = () => { if (!drawer.open) drawer.showModal(); };
  const fill = () => htmx.ajax("GET", "/cart/drawer", { target: content, swap: "innerHTML show:none" });

  /* A page that was kept for everybody has no token, and one that Back brings may have an old one: the first answer of a
     session brings the right one to every form of the page. */
  const renewToken = (token) => {
    for (const form of document.querySelectorAll("form")) {
      if (form.method !== "post") continue;
      let field = form.elements[TOKEN];
      if (!field) {
        field = Object.assign(document.createElement("input"), { type: "hidden", name: TOKEN });
        form.append(field);
      }
      field.value = token;
    }
  };

  /* Where a form says why its article could not be added. */
  const refusalOf = (form) => {
    let place = form.querySelector(".cart-refusal");
    if (!place) {
      place = Object.assign(document.createElement("div"), { className: "cart-refusal" });
      form.append(place);
    }
    return place;
  };
  const tell = (form, words) => {
    const alert = Object.assign(document.createElement("p"), { className: "alert tone-danger", textContent: words });
    alert.setAttribute("role", "alert");
    refusalOf(form).replaceChildren(alert);
  };
  const release = (form) => {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-cart-close]") || target === drawer) drawer.close();
    const link = target?.closest("a[data-cart-link]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || document.getElementById("cart")) return;
    event.preventDefault();
    open();
    fill();
  });

  const add = (form) => htmx.ajax("POST", "/cart/lines", { source: form, target: content, swap: "innerHTML show:none" });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches(ADDITION)) return;
    event.preventDefault();
    form.querySelector(".cart-refusal")?.replaceChildren();
    add(form);
  });

  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    const token = detail.xhr.getResponseHeader("x-csrf-token");
    if (token) renewToken(token);
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, requestConfig } = detail;
    const { elt: form, path, verb } = requestConfig;
    if (!isOurs(path)) return;
    if (xhr.status === 409 || xhr.status === 422) {
      detail.shouldSwap = true;
      detail.isError = false;
      if (form.matches(ADDITION)) detail.target = refusalOf(form);
      return;
    }
    if (xhr.status === 403 && form.matches(ADDITION) && !form.dataset.again) {
      /* Another tab began the session: the token comes with the drawer, and the wish is sent once more. */
      detail.isError = false;
      form.dataset.again = "1";
      fill().then(() => add(form));
      return;
    }
    if (xhr.status >= 400) {
      detail.isError = false;
      if (verb !== "post") window.location.assign("/cart");
      else if (xhr.status >= 500) tell(form, "Something went wrong on our side. Please try again.");
      else form.submit();
      return;
    }
    /* Who has clicked on meanwhile wants the newer number, which is about to be sent. */
    const quantity = form.matches("form") ? form.elements.quantity : null;
    if (quantity?.closest(".stepper") && !form.matches(ADDITION) && quantity.value !== String(requestConfig.formData.get("quantity"))) {
      detail.shouldSwap = false;
    }
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { elt, path } = detail.requestConfig;
    if (!isOurs(path) || !elt.matches("form")) return;
    release(elt);
    if (!elt.matches(ADDITION) || !detail.successful || detail.xhr.status >= 400) return;
    delete elt.dataset.again;
    open();
  });

  document.addEventListener("htmx:sendError", ({ detail }) => {
    const { elt, path } = detail.requestConfig;
    if (!isOurs(path)) return;
    if (elt.matches("form")) tell(elt, "The shop can't be reached at the moment. Please try again.");
    else drawer.close();
  });

  /* Back brings a page as it was left, or as it was kept: its count and token may be of another time. */
  window.addEventListener("pageshow", (event) => {
    const [navigation] = performance.getEntriesByType("navigation");
    if (!event.persisted && navigation?.type !== "back_forward") return;
    drawer.close();
    fill();
  });
})();
