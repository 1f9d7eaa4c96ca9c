/* The pivot's field bar, which reads and writes the address and nothing else. */
(function () {
  const ZONES = { rows: "Rows", cols: "Columns", show: "Numbers" };
  const FAR = 48; // pixels outside the bar at which a chip lets go
  const MOVED = 6; // pixels after which a press is a drag
  const none = () => window.dash_clientside.no_update;
  let focus = null; // the chip that the reader has just moved, to be focused when the bar is drawn anew
  let said = "";
  let drag = null;

  const bar = () => document.getElementById("pivot-fields");
  const catalogue = () => JSON.parse(bar().dataset.fields);

  function make(tag, options, ...children) {
    const { text, ...attributes } = options;
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    if (text !== undefined) node.textContent = text;
    node.append(...children.filter(Boolean));
    return node;
  }

  /* What the address says: the names of each zone, the comparison and the heat. */
  function read(known) {
    const query = new URLSearchParams(window.location.search);
    const zone = (name) => (query.get(name) || known.usual[name]).split(",").filter(Boolean);
    return { rows: zone("rows"), cols: zone("cols"), show: zone("show"), trend: zone("trend"), compare: query.get("compare") || "", heat: query.get("heat") === "1" };
  }

  function address(state, known) {
    const query = new URLSearchParams(window.location.search);
    const set = (name, value, usual) => (value === usual ? query.delete(name) : query.set(name, value));
    Object.keys(ZONES).forEach((zone) => set(zone, state[zone].join(","), known.usual[zone]));
    const lined = state.trend.filter((name) => state.show.includes(name)).join(",");
    set("trend", lined || (state.show.includes(known.usual.trend) ? "none" : known.usual.trend), known.usual.trend);
    set("compare", state.compare, "");
    set("heat", state.heat ? "1" : "", "");
    return window.location.pathname + (query.size ? `?${query}` : "");
  }

  /* The state after a chip has moved to a place, or off (`to` is empty); null where that cannot be. */
  function moved(state, known, name, from, to, at) {
    const next = { ...state, rows: [...state.rows], cols: [...state.cols], show: [...state.show] };
    const was = next[from].indexOf(name);
    if ((from === "show") !== (to === "show") && to) return null;
    next[from].splice(was, 1);
    if (to === "cols" && next.cols.length) next.rows.splice(was, 0, next.cols.pop());
    if (to === from && at > was) at -= 1;
    if (to) next[to].splice(at, 0, name);
    const fits = Object.keys(ZONES).every((zone) => next[zone].length <= known.most[zone]);
    return fits && next.rows.length && next.show.length ? next : null;
  }

  function labels(known) {
    const found = new Map(known.keys);
    known.numbers.forEach(([measure, columns]) => columns.forEach(([name, label]) => found.set(name, label)));
    return found;
  }

  function measureOf(known, name) {
    const found = known.numbers.find(([, columns]) => columns.some(([number]) => number === name));
    return found ? found[0] : "";
  }

  function item(text, state, known, options = {}) {
    return state && make("a", { text, href: address(state, known), "data-field": options.field, "data-said": options.said, class: options.kind });
  }

  function menu(summary, list, label, kind = "") {
    return make("details", { class: `menu ${kind}`.trim() }, make("summary", { class: "chip", "aria-label": label }, ...summary), make("div", { class: "list" }, ...list));
  }

  function chip(state, known, names, zone, name) {
    const at = state[zone].indexOf(name);
    const label = names.get(name) || name;
    const to = (where, place, word, told) =>
      item(word, moved(state, known, name, zone, where, place), known, { field: `${where || zone}:${where ? name : ""}`, said: `${label} ${told}` });
    const list = [
      at > 0 && to(zone, at - 1, "Move left", "moved left"),
      at < state[zone].length - 1 && to(zone, at + 2, "Move right", "moved right"),
      zone === "rows" && to("cols", 0, "To columns", "moved to columns"),
      zone === "cols" && to("rows", state.rows.length, "To rows", "moved to rows"),
      zone === "show" && line(state, known, name, label),
      to("", 0, "Remove", "removed"),
    ];
    const place = `${label}, ${ZONES[zone].toLowerCase()} ${at + 1} of ${state[zone].length}. Opens what can be done with it`;
    const node = menu([document.createTextNode(label)], list, place, "field");
    node.dataset.zone = zone;
    node.dataset.name = name;
    node.querySelector("summary").title = zone === "show" ? `${measureOf(known, name)}: drag to reorder, off the bar to remove` : "Drag to move, off the bar to remove";
    return node;
  }

  /* The number with the line of its last days, or without it. */
  function line(state, known, name, label) {
    const has = state.trend.includes(name);
    const trend = has ? state.trend.filter((other) => other !== name) : [...state.trend, name];
    return item(has ? "Without its line" : "Line of 20 days", { ...state, trend }, known, { field: `show:${name}`, said: `${label} ${has ? "without" : "with"} a line` });
  }

  function adder(state, known, names, zone) {
    if (state[zone].length >= known.most[zone]) return null;
    const added = (name, label) =>
      item(label, { ...state, [zone]: [...state[zone], name] }, known, { field: `${zone}:${name}`, said: `${label} added to ${ZONES[zone].toLowerCase()}` });
    const used = new Set([...state.rows, ...state.cols, ...state.show]);
    const group = (title, columns) => {
      const links = columns.filter(([name]) => !used.has(name)).map(([name, label]) => added(name, label));
      return links.length && make("div", { class: "group" }, title && make("h6", { text: title }), ...links);
    };
    const groups = zone === "show" ? known.numbers.map(([title, columns]) => group(title, columns)) : [group("", known.keys)];
    const find = make("input", { type: "search", placeholder: zone === "show" ? "Find a number" : "Find a key", "aria-label": `Find among what can be added to ${ZONES[zone].toLowerCase()}`, autocomplete: "off" });
    const node = menu([document.createTextNode("+")], [find, ...groups], `Add to ${ZONES[zone].toLowerCase()}`, "add");
    node.dataset.zone = zone;
    return node;
  }

  function comparison(state, known, books) {
    const trades = new URLSearchParams(window.location.search).get("whatif");
    const [kind, name] = state.compare.includes(":") ? [state.compare.split(":")[0], state.compare.slice(state.compare.indexOf(":") + 1)] : [state.compare, ""];
    const now = { "": "nothing", vs: "the vs date", whatif: "what-if" }[kind] || name;
    const choice = (text, value, indent) =>
      item(text, { ...state, compare: value }, known, { said: `Compared with ${text}`, field: "compare:", kind: [state.compare === value && "on", indent].filter(Boolean).join(" ") });
    const list = [
      make("input", { type: "search", placeholder: "Find a desk or book", "aria-label": "Find a desk or book to compare with", autocomplete: "off" }),
      choice("nothing", ""),
      choice("the vs date", "vs"),
      trades && choice("what-if", "whatif"),
      ...(books || []).flatMap(({ desk, books: own }) => [choice(desk, `desk:${desk}`, "strong"), ...own.map((book) => choice(book, `book:${book}`, "in"))]),
    ];
    const node = menu([document.createTextNode("Compare with "), make("b", { text: now })], list, `Compare with: ${now}`, "compare");
    node.dataset.zone = "compare";
    return node;
  }

  function levels(state, names) {
    if (state.rows.length < 2) return null;
    const buttons = state.rows.map((name, place) =>
      make("button", { text: String(place + 1), "data-level": place + 1, title: `Open down to ${names.get(name) || name}`, "aria-label": `Open down to ${names.get(name) || name}` }),
    );
    return make("span", { class: "levels", role: "group", "aria-label": "Open down to" }, make("span", { class: "word", text: "Level" }), ...buttons);
  }

  function zone(name, ...children) {
    return make("div", { class: `zone ${name}`, "data-zone": name, role: "group", "aria-label": ZONES[name] }, make("span", { class: "word", text: ZONES[name] }), ...children);
  }

  function draw(books) {
    const known = catalogue();
    const state = read(known);
    const names = labels(known);
    const heat = item("Heat", { ...state, heat: !state.heat }, known, { field: "heat:", kind: state.heat ? "chip on" : "chip", said: `Heat ${state.heat ? "off" : "on"}` });
    heat.setAttribute("role", "switch");
    heat.setAttribute("aria-checked", String(state.heat));
    heat.dataset.zone = "heat";
    heat.title = "Shade each number by its size among those of its level";
    const live = make("span", { class: "unseen", role: "status" });
    bar().replaceChildren(
      ...Object.keys(ZONES).map((name) => zone(name, ...state[name].map((one) => chip(state, known, names, name, one)), adder(state, known, names, name))),
      make("div", { class: "zone rest" }, ...[levels(state, names), comparison(state, known, books), heat].filter(Boolean)),
      live,
    );
    if (focus) {
      live.textContent = said;
      const [where, name] = focus.split(/:(.*)/s);
      const own = [...bar().querySelectorAll(`[data-zone="${where}"]`)].find((node) => (node.dataset.name || "") === name && !node.matches(".zone"));
      const target = own || bar().querySelector(`.zone.${where} .chip`);
      if (target) (target.matches("details") ? target.querySelector("summary") : target).focus();
      focus = null;
    }
  }

  function go(link) {
    focus = link.dataset.field;
    said = link.dataset.said || "";
    window.parapet.go(link.getAttribute("href") + window.location.hash);
  }

  /* Opens every node above a level of the tree, and closes all from it on. */
  function openTo(level) {
    const grid = window.dash_ag_grid.getApi(`${bar().dataset.panel}-grid`);
    const { tree } = grid.getColumnDef("_name").cellRendererParams;
    const silent = { refreshCells() {}, onFilterChanged() {} };
    grid.forEachNode((node) => {
      window.dashAgGridFunctions.treeToggle(silent, node, tree, node.data._path.split("\t").length < level);
    });
    grid.refreshCells({ columns: ["_name"], force: true });
    grid.onFilterChanged();
  }

  document.addEventListener("click", (event) => {
    if (!bar() || !event.target.closest || !bar().contains(event.target)) return;
    const level = event.target.closest("[data-level]");
    if (level) openTo(Number(level.dataset.level));
    const link = event.target.closest("a[data-field]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link);
  });

  /* Delete takes the focused chip off; Space turns the switch, as a switch does. */
  document.addEventListener("keydown", (event) => {
    if (!bar() || !bar().contains(event.target)) return;
    const field = event.target.closest("summary") && event.target.closest("details.field:not([open])");
    const remove = field && [...field.querySelectorAll("a")].pop();
    const link = event.key === "Delete" ? remove : event.key === " " && event.target.closest('[role="switch"]');
    if (!link || (event.key === "Delete" && link.textContent !== "Remove")) return;
    event.preventDefault();
    go(link);
  });

  /* Where a chip would land: the zone under the pointer and its place there; no zone when it is far off the bar. */
  function landing(event) {
    const box = bar().getBoundingClientRect();
    const off = event.clientY < box.top - FAR || event.clientY > box.bottom + FAR;
    if (off) return { zone: "", at: 0, next: null };
    const kind = drag.zone === "show" ? ["show"] : ["rows", "cols"];
    const near = kind
      .map((name) => {
        const own = bar().querySelector(`.zone.${name}`).getBoundingClientRect();
        const x = Math.max(own.left - event.clientX, 0, event.clientX - own.right);
        const y = Math.max(own.top - event.clientY, 0, event.clientY - own.bottom);
        return { name, far: x + y };
      })
      .sort((a, b) => a.far - b.far)[0].name;
    const chips = [...bar().querySelectorAll(`.zone.${near} details.field`)];
    const after = (chip) => {
      const own = chip.getBoundingClientRect();
      return event.clientY > own.bottom || (event.clientY >= own.top && event.clientX > (own.left + own.right) / 2);
    };
    const at = chips.filter(after).length;
    return { zone: near, at, next: chips[at] || bar().querySelector(`.zone.${near} .add`) };
  }

  function mark(place) {
    bar().querySelectorAll(".here, .target").forEach((node) => node.classList.remove("here", "target"));
    bar().classList.toggle("letting-go", Boolean(place) && !place.zone);
    if (!place || !place.zone) return;
    bar().querySelector(`.zone.${place.zone}`).classList.add("target");
    if (place.next) place.next.classList.add("here");
  }

  function end() {
    if (!drag) return;
    drag.node.classList.remove("dragged");
    drag.node.style.removeProperty("transform");
    mark(null);
    drag = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const node = bar() && event.button === 0 && event.target.closest && event.target.closest("#pivot-fields .field > summary");
    if (node) drag = { node: node.parentElement, ...node.parentElement.dataset, x: event.clientX, y: event.clientY, going: false };
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.going && Math.hypot(x, y) < MOVED) return;
    drag.going = true;
    drag.node.open = false;
    drag.node.classList.add("dragged");
    drag.node.style.transform = `translate(${x}px, ${y}px)`;
    mark(landing(event));
  });

  document.addEventListener("pointerup", (event) => {
    if (!drag || !drag.going) return end();
    const { name, zone: from } = drag;
    const place = landing(event);
    const known = catalogue();
    const state = read(known);
    end();
    window.addEventListener("click", (click) => [click.preventDefault(), click.stopPropagation()], { capture: true, once: true });
    window.setTimeout(() => window.dispatchEvent(new MouseEvent("click")), 0); // uses the listener up where no click came
    const next = moved(state, known, name, from, place.zone, place.at);
    if (!next) return undefined;
    const label = labels(known).get(name) || name;
    focus = `${place.zone || from}:${place.zone ? name : ""}`;
    said = place.zone ? `${label} moved to ${ZONES[place.zone].toLowerCase()}` : `${label} removed`;
    return window.parapet.go(address(next, known) + window.location.hash);
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => event.key === "Escape" && end());

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pivot = {
    draw(_search, books) {
      if (bar()) draw(books);
      return none();
    },
  };
})();
