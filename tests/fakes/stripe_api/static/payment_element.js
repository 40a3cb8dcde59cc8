/* The frame where a card is entered: it talks to the page around it by messages, and to the API by itself. */
(() => {
  "use strict";
  const form = document.querySelector("form");
  const problem = form.querySelector("[role=alert]");
  let api = window.location.origin;
  const say = (message) => window.parent.postMessage(message, "*");
  const grow = () => say({ name: "resize", detail: document.documentElement.offsetHeight });

  const digits = (name) => form.elements[name].value.replace(/\D/g, "");
  const wrong = (code, message) => ({ error: { type: "validation_error", code, message } });

  const validate = () => {
    const [number, expiry, cvc] = ["number", "expiry", "cvc"].map(digits);
    if (number.length < 13) return wrong("incomplete_number", "Your card number is incomplete.");
    if (expiry.length < 4) return wrong("incomplete_expiry", "Your card's expiration date is incomplete.");
    const ends = new Date(2000 + Number(expiry.slice(2)), Number(expiry.slice(0, 2)));
    if (ends <= new Date()) return wrong("invalid_expiry_year_past", "Your card's expiration year is in the past.");
    if (cvc.length < 3) return wrong("incomplete_cvc", "Your card's security code is incomplete.");
    return {};
  };
  const tell = (answer) => {
    problem.hidden = !answer.error;
    problem.textContent = answer.error ? answer.error.message : "";
    grow();
    return answer;
  };

  const send = async (path, params, prefix) => {
    const missing = tell(validate());
    if (missing.error) return missing;
    const expiry = digits("expiry");
    const card = { number: digits("number"), exp_month: String(Number(expiry.slice(0, 2))), exp_year: `20${expiry.slice(2)}`, cvc: digits("cvc") };
    const named = (name) => (prefix ? `${prefix}[${name}]` : name);
    const body = new URLSearchParams(params);
    body.set(named("type"), "card");
    for (const [name, value] of Object.entries(card)) body.set(`${named("card")}[${name}]`, value);
    try {
      return await (await fetch(`${api}/v1/${path}`, { method: "POST", body })).json();
    } catch {
      return { error: { type: "api_connection_error", message: "We could not reach Stripe. Please try again." } };
    }
  };

  const dress = ({ theme, variables = {} } = {}) => {
    document.documentElement.classList.toggle("night", theme === "night");
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(`--${name}`, value);
  };

  const METHODS = {
    begin: (args) => {
      api = args.api;
      dress(args.appearance);
      grow();
    },
    focus: () => form.elements.number.focus(),
    validate: () => tell(validate()),
    confirm: ({ path, params }) => send(path, params, "payment_method_data"),
    create: ({ path, params }) => send(path, params, ""),
  };

  window.addEventListener("message", async (event) => {
    if (event.source !== window.parent || !METHODS[event.data.method]) return;
    const answer = await METHODS[event.data.method](event.data.args || {});
    if (event.data.id) say({ id: event.data.id, answer: answer || {} });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.name === "expiry") {
      const entered = digits("expiry").slice(0, 4);
      event.target.value = entered.length > 2 ? `${entered.slice(0, 2)} / ${entered.slice(2)}` : entered;
    }
    const complete = !validate().error;
    say({ name: "change", detail: { complete, empty: !form.elements.number.value } });
  });
  say({ name: "loaded" });
})();
