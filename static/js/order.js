/* The order's page and the wallet's: buttons that print it and that copy what a bank wants to know, and what is said when an answer came while
   it was looked at. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const words = button.querySelector("[data-copy-words]");
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      words.textContent = "Copied";
      document.querySelector("[data-copied]").textContent = "Copied";
      setTimeout(() => { words.textContent = "Copy"; }, 2000);
    } catch {
      /* Without the right to write there, it is at least selected. */
      window.getSelection().selectAllChildren(source);
    }
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    /* A provider's own form needs the Content-Security-Policy that comes with the page. */
    if (!detail.serverResponse.includes("data-stripe=")) return;
    detail.shouldSwap = false;
    window.location.reload();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const words = document.getElementById("order-words");
    const title = document.querySelector("#order h1")?.textContent;
    if (!title) return;
    if (title !== words.dataset.said) words.textContent = title;
    words.dataset.said = title;
  });
})();
