/* Says that files are too large before they are sent, for a refusal in the middle of an upload looks like a broken line.
   The server refuses them all the same. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-most-bytes]");
  if (!form) return;
  const warning = form.querySelector("[data-too-large]");
  const check = () => {
    const total = [...form.querySelectorAll('input[type="file"]')].flatMap((input) => [...input.files])
      .reduce((sum, file) => sum + file.size, 0);
    warning.hidden = total <= Number(form.dataset.mostBytes);
    form.querySelector('[type="submit"]').disabled = !warning.hidden;
  };
  form.addEventListener("change", check);
  check();
})();
