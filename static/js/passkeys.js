/* Passkeys: the browser asks for a finger, a face or a PIN, and its answer is sent as a form like any other. Forms with
   data-passkey are hidden until this file finds that the browser can do it; everything else on their pages works without. */
(() => {
  "use strict";
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (!forms.length || !window.PublicKeyCredential || !navigator.credentials) return;
  const FRESH = 4 * 60 * 1000; /* a challenge is good for five minutes */

  const toBytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const decoded = (options) => {
    const withBytes = (each) => ({ ...each, id: toBytes(each.id) });
    const out = { ...options, challenge: toBytes(options.challenge) };
    if (options.user) out.user = withBytes(options.user);
    if (options.excludeCredentials) out.excludeCredentials = options.excludeCredentials.map(withBytes);
    if (options.allowCredentials) out.allowCredentials = options.allowCredentials.map(withBytes);
    return out;
  };

  const encoded = (credential) => {
    const { response } = credential;
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const out = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]));
    if (response.getTransports) out.transports = response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: out });
  };

  /* Null when the server first wants to know that it is really the owner. */
  const optionsFor = async (form) => {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") return null;
    if (!answer.ok) throw new Error(`${answer.status}`);
    return decoded(await answer.json());
  };

  const send = (form, credential) => {
    form.elements.credential.value = encoded(credential);
    form.submit();
  };

  const WORDS = {
    NotAllowedError: "That was cancelled, or took too long. Please try again.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "Passkeys don't work at this address.",
  };
  const tell = (form, problem) => {
    const place = form.querySelector("[data-passkey-problem]");
    place.textContent = WORDS[problem.name] ?? "That did not work. Please try again, or sign in another way.";
    place.hidden = false;
  };

  /* Browsers offer passkeys among the remembered addresses while such a request waits. It gives way to the button's. */
  let waiting = null;
  const offer = async (form) => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const turn = new AbortController();
    waiting = turn;
    const renew = setTimeout(() => { turn.abort(); offer(form); }, FRESH);
    try {
      const publicKey = await optionsFor(form);
      if (turn.signal.aborted || !publicKey) return;
      send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal: turn.signal }));
    } catch {
      /* Nobody asked for it aloud, so nobody is told. */
    } finally {
      clearTimeout(renew);
    }
  };

  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      form.querySelector("[data-passkey-problem]").hidden = true;
      waiting?.abort();
      try {
        const publicKey = await optionsFor(form);
        if (!publicKey) { window.location.assign(form.dataset.confirmAt); return; }
        const make = form.dataset.passkey === "create" ? "create" : "get";
        send(form, await navigator.credentials[make]({ publicKey }));
      } catch (problem) {
        tell(form, problem);
      }
    });
    if ("autofill" in form.dataset) offer(form);
  }
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;
})();
