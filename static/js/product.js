/* A product's page: the choice of a variant keeps price, stock, picture, article number and address true at once, by the
   same rule as the server (product_view.py). Without this file each value is a link that loads its variant's page. */
(() => {
  "use strict";
  const form = document.getElementById("buy");
  if (!form) return;
  const find = (selector) => document.querySelector(selector);
  const offers = JSON.parse(document.getElementById("offers")?.textContent ?? "[]");
  const groups = [...form.querySelectorAll("[data-option]")].map((part) => ({
    part,
    list: part.querySelector("ul"),
    links: [...part.querySelectorAll("a")],
    name: part.querySelector("[data-chosen]"),
  }));
  let chosen = offers.find((offer) => offer.id === form.elements.variant_id.value);

  /* Among those with the wanted value of one option: the one that has most of the rest, rather one that can be bought. */
  const nearest = (fixed, value) => {
    const nearness = (offer) =>
      offer.options.filter((each, place) => each === (place === fixed ? value : chosen.options[place])).length * 2 + (offer.limit > 0);
    return offers
      .filter((offer) => offer.options[fixed] === value)
      .reduce((best, offer) => (nearness(offer) > nearness(best) ? offer : best));
  };

  const text = (selector, words) => {
    const part = find(selector);
    if (part) part.textContent = words;
  };
  const tag = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const priced = ({ price, former_price: former, saving }) => {
    if (!former) return [tag("span", "price price-lg", tag("span", "", price))];
    const now = tag("ins", "", tag("span", "visually-hidden", "Price now "), price);
    const before = tag("del", "", tag("span", "visually-hidden", "Price before "), former);
    return [tag("span", "price price-lg on-sale", now, " ", before), " ", tag("span", "badge tone-sale", saving)];
  };

  const showOptions = () => {
    groups.forEach(({ links, name }, place) => {
      links.forEach((link, value) => {
        const target = nearest(place, value);
        const exact = target.options.every((each, other) => each === (other === place ? value : chosen.options[other]));
        const on = chosen.options[place] === value;
        link.href = target.url;
        link.classList.toggle("elsewhere", !exact);
        link.classList.toggle("unavailable", !target.limit);
        link.querySelector("[data-note]").textContent = !exact ? " (with other options)" : target.limit ? "" : " (sold out)";
        link.setAttribute("aria-checked", String(on));
        link.tabIndex = on ? 0 : -1;
        if (on) {
          link.setAttribute("aria-current", "true");
          name.textContent = link.dataset.label;
        } else link.removeAttribute("aria-current");
      });
    });
  };
  const names = () => groups.map(({ name }) => name.textContent).join(", ");

  const show = () => {
    const { limit } = chosen;
    showOptions();
    form.elements.variant_id.value = chosen.id;
    find("[data-price]").replaceChildren(...priced(chosen));
    const stock = find("[data-stock]");
    stock.className = `stock tone-${chosen.tone}`;
    stock.textContent = chosen.stock;
    text("[data-sku]", chosen.sku);

    const quantity = form.elements.quantity;
    find("[data-quantity]").hidden = !limit;
    quantity.max = Math.max(limit, 1);
    if (quantity.valueAsNumber > quantity.max) quantity.value = quantity.max;
    quantity.dispatchEvent(new Event("input", { bubbles: true }));
    const button = find("[data-buy]");
    button.disabled = !limit;
    button.querySelector("span").textContent = limit ? "Add to cart" : "Sold out";
    const bar = find("[data-bar-buy]");
    bar.disabled = !limit;
    bar.textContent = limit ? `Add · ${chosen.price}` : "Sold out";
    text("[data-bar-choice]", names());
    text("[data-said]", `${names()}: ${chosen.price}, ${chosen.stock}`);

    window.history.replaceState(window.history.state, "", chosen.url);
    if (chosen.picture) document.dispatchEvent(new CustomEvent("picture:show", { detail: chosen.picture }));
  };

  const choose = (place, value) => {
    const target = nearest(place, value);
    groups[place].links[value].focus({ preventScroll: true });
    if (target === chosen) return;
    chosen = target;
    show();
  };

  /* Radio buttons, for hands and for screen readers: one stop for Tab, arrows choose. */
  groups.forEach(({ list, links }, place) => {
    if (!chosen) return;
    list.setAttribute("role", "radiogroup");
    for (const item of list.children) item.setAttribute("role", "presentation");
    links.forEach((link, value) => {
      link.setAttribute("role", "radio");
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        choose(place, value);
      });
      link.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) choose(place, (value + step + links.length) % links.length);
        else if (event.key === " ") choose(place, value);
        else return;
        event.preventDefault();
      });
    });
  });
  if (chosen) showOptions();

  /* On a phone the way to buy stays in reach while the form is out of view. */
  const bar = find("[data-buy-bar]");
  if (bar) {
    bar.hidden = false;
    bar.inert = true;
    new IntersectionObserver(([entry]) => {
      const away = !entry.isIntersecting;
      bar.classList.toggle("shown", away);
      bar.inert = !away;
    }).observe(find("[data-buy]"));
  }
})();
