/* The order's page: a button that prints it, and what is said when an answer came while it was looked at. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    /* A provider's own form needs the Content-Security-Policy that comes with the page. */
    if (!detail.serverResponse.includes("data-stripe-payment")) return;
    detail.shouldSwap = false;
    window.location.reload();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const words = document.getElementById("order-words");
    const title = document.querySelector("#order h1").textContent;
    if (title !== words.dataset.said) words.textContent = title;
    words.dataset.said = title;
  });
})();
