/* The tour: a card that offers it once, and a bubble that walks from one thing of the page to the next. */
(function () {
  const KEY = "tour";
  const GAP = 12;
  const EDGE = 8;
  const root = document.documentElement;
  const none = () => window.dash_clientside.no_update;
  let dialog = null;
  let steps = [];
  let at = 0;

  function taken(value) {
    try {
      if (value) window.localStorage.setItem(KEY, value);
      return window.localStorage.getItem(KEY);
    } catch (blocked) {
      return "blocked";
    }
  }

  function hide() {
    taken("done");
    root.removeAttribute("data-welcome");
    document.getElementById("welcome").hidden = true;
  }

  /* The card keeps to the column of the navigation, which ends above it: nothing is ever covered. */
  function offer() {
    const card = document.getElementById("welcome");
    const beside = document.getElementById("navigation");
    card.hidden = false;
    root.setAttribute("data-welcome", "");
    new ResizeObserver(() => {
      if (beside.offsetWidth) card.style.width = `${beside.offsetWidth}px`;
    }).observe(beside);
  }

  function target(step) {
    for (const css of step.at) {
      const found = [...document.querySelectorAll(css)].find((element) => element.checkVisibility());
      if (found) return found;
    }
    return null;
  }

  function part(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function button(text, className, act) {
    const element = part("button", className, text);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  function build() {
    dialog = part("dialog", "tour");
    dialog.setAttribute("aria-labelledby", "tour-title");
    dialog.setAttribute("aria-describedby", "tour-text");
    const [title, text, buttons] = [part("h2"), part("p"), part("div", "buttons")];
    title.id = "tour-title";
    text.id = "tour-text";
    buttons.append(
      part("span", "count"),
      button("Skip", "skip-tour", () => dialog.close()),
      button("Back", "back", () => show(at - 1)),
      button("Next", "next", () => show(at + 1)),
    );
    dialog.append(part("div", "ring"), title, text, buttons);
    dialog.addEventListener("close", end);
    dialog.addEventListener("keydown", keep);
    document.body.append(dialog);
  }

  /* Keys stay in the bubble: the page behind it hears none, and the tab key goes round. */
  function keep(event) {
    event.stopPropagation();
    if (event.key === "ArrowRight") show(Math.min(at + 1, steps.length - 1));
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll("button:not([hidden])")];
    const [from, to] = event.shiftKey ? [stops[0], stops[stops.length - 1]] : [stops[stops.length - 1], stops[0]];
    if (document.activeElement !== from) return;
    to.focus();
    event.preventDefault();
  }

  function end() {
    document.querySelectorAll("[data-toured]").forEach((element) => element.removeAttribute("data-toured"));
    window.removeEventListener("resize", place);
    hide();
  }

  function show(next) {
    if (next >= steps.length) {
      dialog.close();
      return;
    }
    at = Math.max(0, next);
    document.querySelectorAll("[data-toured]").forEach((element) => element.removeAttribute("data-toured"));
    dialog.querySelector("h2").textContent = steps[at].title;
    dialog.querySelector("p").textContent = steps[at].text;
    dialog.querySelector(".count").textContent = `${at + 1} of ${steps.length}`;
    dialog.querySelector(".back").hidden = at === 0;
    dialog.querySelector(".next").textContent = at === steps.length - 1 ? "Done" : "Next";
    const element = target(steps[at]);
    if (element) {
      element.setAttribute("data-toured", "");
      element.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    place();
    dialog.querySelector(".next").focus();
  }

  function place() {
    const element = document.querySelector("[data-toured]");
    const ring = dialog.querySelector(".ring");
    ring.hidden = !element;
    const box = element ? element.getBoundingClientRect() : new DOMRect(window.innerWidth / 2, window.innerHeight / 3);
    Object.assign(ring.style, {
      top: `${box.top - 4}px`,
      left: `${box.left - 4}px`,
      width: `${box.width + 8}px`,
      height: `${box.height + 8}px`,
    });
    const { offsetWidth: width, offsetHeight: height } = dialog;
    const below = box.bottom + GAP;
    const above = box.top - GAP - height;
    const fits = below + height + EDGE <= window.innerHeight;
    dialog.style.top = `${Math.max(EDGE, Math.min(fits ? below : above, window.innerHeight - height - EDGE))}px`;
    dialog.style.left = `${Math.max(EDGE, Math.min(box.left, window.innerWidth - width - EDGE))}px`;
  }

  /* The menu's link and the card ask the server for the steps; the shell's own reading of links is not wanted here. */
  document.addEventListener(
    "click",
    (event) => {
      const asked = event.target.closest && event.target.closest("[data-tours]");
      if (!asked) return;
      event.preventDefault();
      event.stopPropagation();
      const menu = asked.closest("details.menu");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      if (asked.dataset.tours === "never") hide();
      else window.dash_clientside.set_props("tour-asked", { data: Date.now() });
    },
    true,
  );

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.tour = {
    welcome() {
      const plain = !window.location.search && !window.location.hash && window.top === window;
      if (plain && !taken()) offer();
      return none();
    },

    begin(sent) {
      steps = (sent || []).filter(target);
      if (!steps.length) return none();
      if (!dialog) build();
      dialog.showModal();
      window.addEventListener("resize", place);
      show(0);
      return none();
    },
  };
})();
