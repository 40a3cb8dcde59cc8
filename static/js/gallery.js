/* A product's pictures: thumbnails slide them in, a tap or Enter opens a viewer that zooms by pinch, wheel, double tap and
   keys. Without this file thumbnails are anchors and a picture is a link to itself. */
(() => {
  "use strict";
  const gallery = document.getElementById("gallery");
  const slides = gallery?.querySelector(".slides");
  if (!slides) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const numbers = [...slides.children].map((slide) => Number(slide.id.split("-")[1]));
  const slideOf = (number) => document.getElementById(`picture-${number}`);
  let current = numbers[0];

  const slideTo = (number, smooth = true) => {
    const slide = slideOf(number);
    if (!slide) return;
    slides.scrollTo({ left: slide.offsetLeft - slides.offsetLeft, behavior: smooth && !calm.matches ? "smooth" : "instant" });
    mark(number);
  };
  const mark = (number) => {
    current = number;
    for (const link of gallery.querySelectorAll(".thumbs a")) {
      if (link.hash === `#picture-${number}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const place = gallery.querySelector("[data-place]");
    if (place) place.textContent = numbers.indexOf(number) + 1;
  };
  gallery.addEventListener("click", (event) => {
    const thumb = event.target.closest(".thumbs a");
    if (!thumb) return;
    event.preventDefault();
    slideTo(Number(thumb.hash.split("-")[1]));
  });
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) mark(Number(entry.target.id.split("-")[1]));
  }, { root: slides, threshold: 0.6 });
  for (const slide of slides.children) watcher.observe(slide);
  slides.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && numbers[numbers.indexOf(current) + step];
    if (!next) return;
    event.preventDefault();
    slideTo(next);
    slideOf(next).querySelector("a").focus({ preventScroll: true });
  });
  document.addEventListener("picture:show", (event) => slideTo(event.detail));

  /* The viewer: one picture, moved and scaled about the middle of the stage. */
  const viewer = document.getElementById("viewer");
  const stage = viewer.querySelector(".stage");
  const image = new Image();
  image.draggable = false;
  stage.append(image);
  const LARGEST = 5;
  let shown = 0;
  let view = { scale: 1, x: 0, y: 0 };

  const apply = () => {
    const room = (side, full) => Math.max(0, (full * view.scale - side) / 2);
    const { clientWidth: width, clientHeight: height } = stage;
    view.x = Math.min(Math.max(view.x, -room(width, image.clientWidth)), room(width, image.clientWidth));
    view.y = Math.min(Math.max(view.y, -room(height, image.clientHeight)), room(height, image.clientHeight));
    image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    viewer.classList.toggle("zoomed", view.scale > 1);
    viewer.querySelector("[data-view=out]").disabled = view.scale <= 1;
    viewer.querySelector("[data-view=in]").disabled = view.scale >= LARGEST;
  };
  /* The spot (x, y from the middle) stays where it is. */
  const scaleTo = (scale, x = 0, y = 0) => {
    scale = Math.min(Math.max(scale, 1), LARGEST);
    const by = scale / view.scale;
    view = scale === 1 ? { scale, x: 0, y: 0 } : { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
    apply();
  };
  const fromMiddle = ({ clientX, clientY }) => {
    const box = stage.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  };
  const put = (place) => {
    shown = (place + numbers.length) % numbers.length;
    const link = slideOf(numbers[shown]).querySelector("a");
    const small = link.querySelector("img");
    image.src = link.href;
    image.alt = small.alt;
    image.width = small.width;
    image.style.aspectRatio = `${small.getAttribute("width")} / ${small.getAttribute("height")}`;
    viewer.querySelector(".place").textContent = numbers.length > 1 ? `${shown + 1} / ${numbers.length}` : "";
    view = { scale: 1, x: 0, y: 0 };
    apply();
  };
  const turn = (step) => { if (numbers.length > 1) put(shown + step); };

  slides.addEventListener("click", (event) => {
    const link = event.target.closest("[data-zoom]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    viewer.showModal();
    put(numbers.indexOf(Number(link.dataset.zoom)));
  });
  viewer.addEventListener("close", () => {
    slideTo(numbers[shown], false);
    slideOf(numbers[shown]).querySelector("a").focus({ preventScroll: true });
  });
  const actions = { close: () => viewer.close(), back: () => turn(-1), on: () => turn(1), in: () => scaleTo(view.scale * 1.6), out: () => scaleTo(view.scale / 1.6) };
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("[data-view]");
    if (button) actions[button.dataset.view]();
  });
  const keys = { ArrowLeft: "back", ArrowRight: "on", "+": "in", "=": "in", "-": "out" };
  document.addEventListener("keydown", (event) => {
    if (!viewer.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const pans = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (view.scale > 1 && pans) {
      view.x += pans[0] * 80;
      view.y += pans[1] * 80;
      apply();
    } else if (event.key === "0") scaleTo(1);
    else if (keys[event.key]) actions[keys[event.key]]();
    else return;
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    scaleTo(view.scale * Math.exp(-event.deltaY / 300), ...fromMiddle(event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => scaleTo(view.scale > 1 ? 1 : 2.5, ...fromMiddle(event)));

  /* One finger moves or turns, two pinch. */
  const fingers = new Map();
  let start = null;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { size: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), middle: fromMiddle({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 }) };
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    fingers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    start = fingers.size === 2 ? { pinch: spread(), scale: view.scale } : { x: event.clientX, y: event.clientY, view: { ...view } };
    viewer.classList.add("held");
  });
  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2 && start.pinch) {
      const { size, middle } = spread();
      scaleTo(start.scale * (size / start.pinch.size), ...middle);
    } else if (fingers.size === 1 && start.view && view.scale > 1) {
      view.x = start.view.x + event.clientX - start.x;
      view.y = start.view.y + event.clientY - start.y;
      apply();
    }
  });
  const lift = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    viewer.classList.remove("held");
    const moved = start.view && view.scale === 1 ? event.clientX - start.x : 0;
    start = fingers.size === 1 ? { x: [...fingers.values()][0].clientX, y: [...fingers.values()][0].clientY, view: { ...view } } : null;
    if (event.type === "pointerup" && Math.abs(moved) > 60) turn(moved < 0 ? 1 : -1);
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  window.addEventListener("resize", () => { if (viewer.open) apply(); });
})();
