/* The page's behaviour that needs no server: menus, expanded panels, the drawer's key, ages, the version. */
(function () {
  const root = document.documentElement;
  const none = () => window.dash_clientside.no_update;
  let lost = 0;

  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  /* What the address asks of the page on screen, said to its callbacks before Dash looks at the address: not while
     another page is on its way. */
  function ask() {
    const page = document.querySelector("#page > .panels");
    if (!page || page.dataset.path !== window.location.pathname) return;
    const { question } = page.dataset;
    const query = window.location.search.slice(1);
    if (window.dash_component_api.getLayout(question).props.data === query) return;
    window.dash_clientside.set_props(question, { data: query });
  }

  ["popstate", "_dashprivate_pushstate"].forEach((name) => window.addEventListener(name, ask));

  function choices() {
    return new URLSearchParams(window.location.hash.slice(1));
  }

  function choose(name, value) {
    const hash = choices();
    if (value) hash.set(name, value);
    else hash.delete(name);
    turn(hash);
  }

  function turn(hash) {
    const text = hash.toString();
    go(window.location.pathname + window.location.search + (text ? `#${text}` : ""));
  }

  /* The page of the drawer that the address asks for. */
  function leaf() {
    const drawer = document.getElementById("drawer");
    const leaves = drawer ? drawer.dataset.leaves.split(" ") : [];
    return leaves.find((name) => choices().has(name));
  }

  /* Open a page of the drawer (`#explain=…&at=…`) in place of the one that is open; nothing closes it. */
  function open(wanted) {
    const hash = new URLSearchParams(wanted || "");
    if (choices().has("expand")) hash.set("expand", choices().get("expand"));
    turn(hash);
  }

  function show() {
    const expanded = choices().get("expand");
    document.querySelectorAll(".panel").forEach((panel) => {
      panel.classList.toggle("expanded", panel.id === expanded);
    });
    root.toggleAttribute("data-expanded", Boolean(expanded));
    root.toggleAttribute("data-explained", Boolean(leaf()));
    window.dispatchEvent(new Event("resize"));
  }

  function age(seconds) {
    if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} d`;
  }

  function tick() {
    document.querySelectorAll("[data-at]").forEach((at) => {
      const text = age((Date.now() - Date.parse(at.dataset.at)) / 1000);
      if (at.textContent !== text) at.textContent = text;
    });
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  /* Menus open over everything, so a menu inside a panel that clips is placed by hand. */
  function place(menu) {
    const list = menu.querySelector(".list");
    if (!list) return;
    const box = menu.getBoundingClientRect();
    const width = list.offsetWidth;
    list.style.top = `${Math.min(box.bottom + 4, Math.max(8, window.innerHeight - list.offsetHeight - 8))}px`;
    list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
    const search = list.querySelector("input");
    if (search) search.focus();
  }

  document.addEventListener("toggle", (event) => event.target.open && event.target.matches("details.menu") && place(event.target), true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (link && !link.classList.contains("skip")) {
      event.preventDefault();
      const wanted = link.getAttribute("href").slice(1);
      const [[name, value]] = new URLSearchParams(wanted);
      if (name === "expand") choose(name, choices().get(name) === value ? "" : value);
      else open(choices().toString().includes(wanted) ? "" : wanted);
    }
    if (event.target.closest && event.target.closest("[data-closes]")) {
      open();
    }
    const menu = event.target.closest && event.target.closest("details.menu");
    closeMenus(event.target.closest && event.target.closest(".list a") ? null : menu);
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches || !event.target.matches(".menu input")) return;
    const sought = event.target.value.trim().toLowerCase();
    event.target.closest(".list").querySelectorAll("a").forEach((item) => {
      item.hidden = !item.textContent.toLowerCase().includes(sought);
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const items = [...menu.querySelectorAll("summary, .list input, .list a:not([hidden])")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = items[items.indexOf(document.activeElement) + step];
      if (next) next.focus();
      event.preventDefault();
    }
    if (event.key !== "Escape") return;
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (root.hasAttribute("data-nav")) root.removeAttribute("data-nav");
    else if (leaf()) open();
    else if (choices().has("expand")) choose("expand", "");
  });
  window.addEventListener("scroll", () => closeMenus(null), true);
  window.setInterval(tick, 1000);

  window.parapet = { go, ask, choose, open };
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.parapet = {
    nav(clicks, pathname) {
      const clicked = window.dash_clientside.callback_context.triggered.some((one) => one.prop_id === "nav-switch.n_clicks");
      root.toggleAttribute("data-nav", Boolean(clicked && clicks) && !root.hasAttribute("data-nav"));
      return none();
    },

    dress: () => window.parapetLook.text(),

    /* The query, once its numbers are on screen. */
    rested(search) {
      ask();
      return new Promise((settle) => window.parapet_drawn.afterNumbers(() => settle(search)));
    },

    hash() {
      show();
      tick();
      return none();
    },

    now: (ticks) => (ticks ? Date.now() : none()),

    picked(asOf, vs, shown) {
      const day = (value) => (value || "").slice(0, 10);
      const wanted = { as_of: day(asOf), vs: day(vs) };
      const moved = Object.keys(wanted).find((name) => wanted[name] && wanted[name] !== (shown || {})[name]);
      return moved ? { name: moved, day: wanted[moved] } : none();
    },

    async version(_, known, address) {
      try {
        const answer = await window.fetch(address, { cache: "no-store", headers: { Accept: "application/json" } });
        if ([401, 403].includes(answer.status) || answer.redirected) window.location.reload();
        if (!answer.ok) throw new Error(String(answer.status));
        const { version } = await answer.json();
        lost = 0;
        root.removeAttribute("data-lost");
        return version === known ? none() : version;
      } catch (failed) {
        lost += 1;
        if (lost > 1) root.setAttribute("data-lost", "");
        return none();
      }
    },
  };
})();
