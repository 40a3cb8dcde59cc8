/* Stripe's Payment Element: for a payment that waits, or for a card that is to be kept. The card's number goes from Stripe's
   frame to Stripe; what became of it the shop asks Stripe itself, on the way back. */
(() => {
  "use strict";
  const part = document.querySelector("[data-stripe]");
  if (!part) return;
  const { publishableKey, clientSecret } = part.dataset;
  const returnUrl = new URL(part.dataset.returnUrl, window.location.href).href;
  const form = part.querySelector("form");
  const button = form.querySelector("button");
  const problem = part.querySelector("[data-stripe-problem]");
  const wait = part.querySelector("[data-stripe-wait]");
  const OPEN = ["requires_payment_method", "requires_confirmation"];
  const PATIENCE = 15000;

  const forget = () => {
    part.querySelector("[data-stripe-earlier]")?.remove();
    problem.hidden = true;
  };
  const tell = (error) => {
    wait.hidden = true;
    problem.querySelector("[data-stripe-words]").textContent = error.message || "Stripe could not do this. Please try again, or choose another way to pay.";
    problem.hidden = false;
  };
  if (typeof window.Stripe !== "function") {
    tell({ message: "Stripe's form could not be loaded. Please check your connection and load this page again." });
    return;
  }
  const stripe = window.Stripe(publishableKey);
  const kind = part.dataset.stripe === "setup"
    ? { retrieve: () => stripe.retrieveSetupIntent(clientSecret), confirm: (options) => stripe.confirmSetup(options), name: "setupIntent", raw: "setup_intent" }
    : { retrieve: () => stripe.retrievePaymentIntent(clientSecret), confirm: (options) => stripe.confirmPayment(options), name: "paymentIntent", raw: "payment_intent" };

  /* The shop asks Stripe then, and shows another page. Where it can't, this one comes again: that must not go on for ever. */
  const goBack = (status) => {
    const mark = `stripe-back ${clientSecret.split("_secret_")[0]} ${status}`;
    if (Date.now() - Number(window.sessionStorage.getItem(mark)) < PATIENCE) {
      tell({ message: "Stripe has your answer, and we are still waiting for its own. Please load this page again in a moment." });
      return;
    }
    window.sessionStorage.setItem(mark, Date.now());
    window.location.assign(returnUrl);
  };

  /* Stripe's frame can't read our style sheet: it is told the colours. */
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const appearance = () => {
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    return {
      theme: dark.matches ? "night" : "stripe",
      variables: { colorPrimary: token("--accent"), colorText: token("--ink"), colorBackground: token("--raised"), colorDanger: token("--danger"), borderRadius: "10px" },
    };
  };

  const busy = (yes) => {
    button.disabled = yes;
    part.setAttribute("aria-busy", String(yes));
  };

  const confirm = async (elements) => {
    forget();
    busy(true);
    const { error } = await kind.confirm({ elements, confirmParams: { return_url: returnUrl } });
    /* Without an error the browser is on its way: whoever presses again now would only disturb it. */
    if (!error) return;
    const status = error[kind.raw]?.status;
    if (status && !OPEN.includes(status) && status !== "requires_action") return goBack(status);
    tell(error);
    busy(false);
  };

  const enterCard = () => {
    const elements = stripe.elements({ clientSecret, appearance: appearance() });
    const element = elements.create("payment");
    element.on("ready", () => { wait.hidden = true; });
    element.on("loaderror", ({ error }) => tell(error));
    form.hidden = false;
    element.mount(form.querySelector("[data-stripe-element]"));
    dark.addEventListener("change", () => elements.update({ appearance: appearance() }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!button.disabled) confirm(elements);
    });
  };

  const statusNow = async () => {
    const { error, [kind.name]: intent } = await kind.retrieve();
    if (error) tell(error);
    return intent?.status;
  };

  /* A card that came with the order may only want its holder's confirmation. */
  const start = async () => {
    const status = await statusNow();
    if (!status) return;
    if (OPEN.includes(status)) return enterCard();
    if (status !== "requires_action") return goBack(status);
    const { error } = await stripe.handleNextAction({ clientSecret });
    const after = await statusNow();
    if (error && after === "requires_action") return tell(error);
    if (after) goBack(after);
  };
  start();
})();
