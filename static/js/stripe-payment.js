/* Stripe's Payment Element on the order's page. The card's number goes from Stripe's frame to Stripe; what became of the
   payment the shop asks Stripe itself, on the way back. */
(() => {
  "use strict";
  const part = document.querySelector("[data-stripe-payment]");
  if (!part) return;
  const { publishableKey, clientSecret, returnUrl } = part.dataset;
  const form = part.querySelector("form");
  const problem = part.querySelector("[data-stripe-problem]");
  const tell = (words) => {
    problem.querySelector("[data-stripe-words]").textContent = words;
    problem.hidden = false;
  };
  if (typeof window.Stripe !== "function") {
    tell("Stripe's form could not be loaded. Please check your connection and load this page again.");
    return;
  }
  const stripe = window.Stripe(publishableKey);
  /* Stripe's frame can't read our style sheet: it is told the colours. */
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const goBack = () => window.location.assign(returnUrl);

  const enterCard = () => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const appearance = {
      theme: dark ? "night" : "stripe",
      variables: { colorPrimary: token("--accent"), colorText: token("--ink"), colorBackground: token("--paper"), colorDanger: token("--danger"), borderRadius: "10px" },
    };
    const elements = stripe.elements({ clientSecret, appearance });
    elements.create("payment").mount(form.querySelector("[data-stripe-element]"));
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      problem.hidden = true;
      const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: returnUrl } });
      button.disabled = false;
      if (error) tell(error.message);
    });
  };

  /* A card that came with the order may only want its holder's confirmation. */
  const start = async () => {
    const { paymentIntent, error } = await stripe.retrievePaymentIntent(clientSecret);
    if (error) return tell(error.message);
    if (paymentIntent.status === "requires_payment_method") return enterCard();
    if (paymentIntent.status !== "requires_action") return goBack();
    const answer = await stripe.handleNextAction({ clientSecret });
    return answer.error ? tell(answer.error.message) : goBack();
  };
  start();
})();
