/* A stand-in for Stripe.js: the part of window.Stripe that a shop's payment form uses. Cards are entered in a frame of
   its own, so that no number ever reaches the shop's page. Served as https://js.stripe.com/v3/ (then the API is
   https://api.stripe.com) or from wherever the fake listens. */
(() => {
  "use strict";
  const origin = new URL(document.currentScript.src).origin;
  const asStripe = origin === "https://js.stripe.com";
  const api = asStripe ? "https://api.stripe.com" : origin;
  const hooks = asStripe ? "https://hooks.stripe.com" : origin;
  const SETTLED = ["succeeded", "processing", "requires_capture"];
  const never = new Promise(() => {});
  let asked = 0;

  /* Requests are "simple" ones, with the key among the parameters, so that no preflight is needed. */
  const call = async (method, path, params) => {
    const encoded = new URLSearchParams(params);
    const options = method === "GET" ? {} : { method, body: encoded };
    try {
      const answer = await fetch(`${api}/v1/${path}${method === "GET" ? `?${encoded}` : ""}`, options);
      return await answer.json();
    } catch {
      return { error: { type: "api_connection_error", message: "We could not reach Stripe. Please try again." } };
    }
  };

  const kindOf = (secret) => (secret.startsWith("seti_") ? "setup_intent" : "payment_intent");
  const idIn = (secret) => secret.split("_secret_")[0];
  const nameOf = (kind) => (kind === "setup_intent" ? "setupIntent" : "paymentIntent");

  class PaymentElement {
    constructor(elements, options) {
      this.elements = elements;
      this.options = options || {};
      this.listeners = {};
      this.waiting = new Map();
      this.hear = (event) => this.heard(event);
    }
    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) throw new Error("The place to mount the Element in does not exist.");
      this.frame = document.createElement("iframe");
      this.frame.title = "Secure payment input frame";
      this.frame.name = `__privateStripeFrame${(asked += 1)}`;
      this.frame.src = `${origin}/_element/`;
      this.frame.style.border = "0";
      this.frame.style.width = "100%";
      this.frame.style.height = "230px";
      window.addEventListener("message", this.hear);
      place.replaceChildren(this.frame);
    }
    unmount() {
      window.removeEventListener("message", this.hear);
      if (this.frame) this.frame.remove();
      this.frame = null;
    }
    destroy() {
      this.unmount();
      this.elements.element = null;
    }
    update(options) {
      Object.assign(this.options, options);
    }
    on(name, listener) {
      (this.listeners[name] ||= []).push(listener);
      return this;
    }
    focus() {
      this.ask("focus");
    }
    heard(event) {
      if (!this.frame || event.source !== this.frame.contentWindow) return;
      const { id, answer, name, detail } = event.data;
      if (name === "loaded") {
        this.send({ method: "begin", args: { appearance: this.elements.options.appearance, api } });
      } else if (name === "resize") {
        this.frame.style.height = `${detail}px`;
        if (!this.ready) this.tell("ready", { elementType: "payment" });
        this.ready = true;
      } else if (name) this.tell(name, { elementType: "payment", collapsed: false, value: { type: "card" }, ...detail });
      else if (this.waiting.has(id)) {
        this.waiting.get(id)(answer);
        this.waiting.delete(id);
      }
    }
    tell(name, detail) {
      for (const listener of this.listeners[name] || []) listener(detail);
    }
    send(message) {
      this.frame.contentWindow.postMessage(message, origin);
    }
    ask(method, args) {
      if (!this.frame) throw new Error("Please mount the Payment Element first.");
      const id = (asked += 1);
      return new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.send({ id, method, args });
      });
    }
  }

  class Elements {
    constructor(options) {
      const deferred = options.mode !== undefined;
      if (!deferred && !options.clientSecret) throw new Error("Elements need a clientSecret or a mode.");
      if (options.mode === "payment" && !(Number.isInteger(options.amount) && options.currency)) {
        throw new Error("Elements with mode payment need an amount and a currency.");
      }
      this.options = options;
      this.deferred = deferred;
      this.submitted = false;
      this.element = null;
    }
    create(type, options) {
      if (type !== "payment") throw new Error(`This stand-in has no Element of type ${type}.`);
      if (this.element) throw new Error("There can be only one Payment Element.");
      this.element = new PaymentElement(this, options);
      return this.element;
    }
    getElement() {
      return this.element;
    }
    update(options) {
      Object.assign(this.options, options);
    }
    async fetchUpdates() {
      return {};
    }
    async submit() {
      const { error } = await this.element.ask("validate");
      this.submitted = !error;
      return error ? { error } : { selectedPaymentMethod: "card" };
    }
  }

  /* The bank's question over the page; resolves when it has been answered. */
  const ask = (url) =>
    new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.title = "Authentication with your bank";
      frame.src = `${url.replace(/^https?:\/\/[^/]+/, hooks)}&modal=1`;
      for (const [name, value] of Object.entries({ position: "fixed", inset: "10% 0", margin: "auto", width: "min(420px, 94vw)", height: "400px", background: "#fff", border: "2px solid #635bff", "border-radius": "12px", "z-index": "99999" })) {
        frame.style.setProperty(name, value);
      }
      const hear = (event) => {
        if (event.source !== frame.contentWindow || event.data !== "answered") return;
        window.removeEventListener("message", hear);
        frame.remove();
        resolve();
      };
      window.addEventListener("message", hear);
      document.body.append(frame);
    });

  const Stripe = (key) => {
    if (typeof key !== "string" || !key.startsWith("pk_")) throw new Error("Stripe() wants a publishable key.");

    const retrieve = async (secret) => {
      const kind = kindOf(secret);
      const found = await call("GET", `${kind}s/${idIn(secret)}`, { key, client_secret: secret });
      return found.error ? { error: found.error } : { [nameOf(kind)]: found };
    };

    const settled = (intent, secret, returnUrl, redirect) => {
      const kind = kindOf(secret);
      if (!SETTLED.includes(intent.status)) {
        return { error: intent.last_payment_error || intent.last_setup_error || { type: "api_error", message: intent.status } };
      }
      if (redirect === "if_required" || !returnUrl) return { [nameOf(kind)]: intent };
      const back = new URL(returnUrl);
      back.searchParams.set(kind, intent.id);
      back.searchParams.set(`${kind}_client_secret`, secret);
      back.searchParams.set("redirect_status", "succeeded");
      window.location.assign(back);
      return never;
    };

    const act = async (intent, secret, returnUrl, redirect) => {
      if (intent.status !== "requires_action") return settled(intent, secret, returnUrl, redirect);
      const { redirect_to_url: page, use_stripe_sdk: script } = intent.next_action;
      if (page && redirect !== "if_required") {
        window.location.assign(page.url);
        return never;
      }
      await ask(page ? page.url : script.stripe_js);
      const after = await retrieve(secret);
      return after.error ? after : settled(after[nameOf(kindOf(secret))], secret, returnUrl, redirect);
    };

    const confirm = async (wanted, { elements, clientSecret, confirmParams = {}, redirect = "always" }) => {
      const secret = clientSecret || (elements && elements.options.clientSecret);
      const { return_url: returnUrl } = confirmParams;
      if (!secret || kindOf(secret) !== wanted) throw new Error(`A client secret of a ${wanted} is needed.`);
      if (!returnUrl && redirect !== "if_required") throw new Error("confirmParams.return_url is needed.");
      const params = { key, client_secret: secret, return_url: returnUrl || window.location.href };
      const path = `${wanted}s/${idIn(secret)}/confirm`;
      let intent;
      if (confirmParams.payment_method) {
        intent = await call("POST", path, { ...params, payment_method: confirmParams.payment_method });
      } else {
        if (!elements || !elements.element) throw new Error("Mounted elements are needed.");
        if (elements.deferred) {
          if (!elements.submitted) throw new Error("elements.submit() must be called before confirming.");
          const { paymentIntent } = await retrieve(secret);
          const { amount, currency, mode } = elements.options;
          if (mode === "payment" && paymentIntent && (paymentIntent.amount !== amount || paymentIntent.currency !== currency)) {
            return { error: { type: "invalid_request_error", message: "The amount of the Elements is not the PaymentIntent's." } };
          }
        }
        intent = await elements.element.ask("confirm", { path, params });
      }
      return intent.error ? { error: intent.error } : act(intent, secret, returnUrl, redirect);
    };

    return {
      elements: (options) => new Elements({ ...options }),
      confirmPayment: (options) => confirm("payment_intent", options),
      confirmSetup: (options) => confirm("setup_intent", options),
      retrievePaymentIntent: retrieve,
      retrieveSetupIntent: retrieve,
      createPaymentMethod: async ({ elements, params = {} }) => {
        const made = await elements.element.ask("create", { path: "payment_methods", params: { key, ...params } });
        return made.error ? { error: made.error } : { paymentMethod: made };
      },
      handleNextAction: async ({ clientSecret }) => {
        const found = await retrieve(clientSecret);
        if (found.error) return found;
        const intent = found[nameOf(kindOf(clientSecret))];
        return intent.status === "requires_action" ? act(intent, clientSecret, null, "always") : found;
      },
    };
  };
  Stripe.version = 3;
  window.Stripe = Stripe;
})();
