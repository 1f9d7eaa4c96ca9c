/* The palette: ⌘K or Ctrl-K, then a few letters of a page, book, instrument, trade or panel, or a date, then Enter. */
(function () {
  const PATIENCE = 120; // milliseconds without a key before the server is asked
  const MOST = 12;
  const RECENT = 6;
  const KINDS = ["page", "desk", "book", "panel", "currency", "scale"];
  const MAC = /Mac|iPhone|iPad/.test(window.navigator.platform);
  const state = { index: { items: [] }, found: [], shown: [], active: 0, asked: null, timer: 0, visited: [] };
  let dialog, input, list, status;

  /* What a text finds among names: every word somewhere, best at the beginning of a word of the name. */
  function score(item, words) {
    const name = item.name.toLowerCase();
    const about = item.about.toLowerCase();
    const starts = (text, word) => text.startsWith(word) || text.split(/[^\p{L}\p{N}&]+/u).some((part) => part.startsWith(word));
    let sum = name === words.join(" ") ? -9 : name.startsWith(words.join(" ")) ? -3 : KINDS.indexOf(item.kind) / 10;
    for (const word of words) {
      if (starts(name, word)) sum += 0;
      else if (name.includes(word)) sum += 1;
      else if (starts(about, word)) sum += 2;
      else if (about.includes(word)) sum += 3;
      else return Infinity;
    }
    return sum;
  }

  const key = (item) => `${item.kind}\t${item.name}\t${item.about}`;

  /* Recent choices: names that the index confirms are kept in the browser, what the server found only on this page. */
  function stored() {
    try {
      return JSON.parse(window.localStorage.getItem(`recent ${state.index.reader}`)) || [];
    } catch (blocked) {
      return [];
    }
  }

  function recent() {
    const known = new Map(state.index.items.map((item) => [key(item), item]));
    const kept = stored().map((name) => known.get(name)).filter(Boolean);
    const both = [...state.visited, ...kept];
    return both.filter((item, place) => both.findIndex((other) => key(other) === key(item)) === place).slice(0, RECENT);
  }

  function remember(item) {
    if (item.kind === "date") return;
    state.visited = [item, ...state.visited.filter((other) => key(other) !== key(item))].slice(0, RECENT);
    if (!KINDS.includes(item.kind)) return;
    const names = [key(item), ...stored().filter((name) => name !== key(item))].slice(0, RECENT);
    try {
      window.localStorage.setItem(`recent ${state.index.reader}`, JSON.stringify(names));
    } catch (blocked) {
      return;
    }
  }

  function dates(text) {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : "";
    if (!day) return [];
    return [
      { kind: "date", name: `Go to ${day}`, about: "as of", set: { as_of: day } },
      { kind: "date", name: `Compare with ${day}`, about: "vs", set: { vs: day } },
    ];
  }

  function local(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      const first = recent();
      const taken = first.map(key);
      return [...first.map((item) => ({ ...item, again: true })), ...state.index.items.filter((item) => ["page", "desk"].includes(item.kind) && !taken.includes(key(item)))];
    }
    const scored = state.index.items.map((item) => [score(item, words), item]).filter(([sum]) => sum < Infinity);
    return [...dates(text), ...scored.sort(([a], [b]) => a - b).map(([, item]) => item).slice(0, MOST)];
  }

  /* Items of what the server found. An instrument leaves the desk or book that never held it. */
  function items({ instruments = [], trades = [] }) {
    const { ofBook, ofInstrument, blotter } = state.index;
    const here = new URLSearchParams(window.location.search);
    const free = (names) => Object.fromEntries(names.map((name) => [name, ""]));
    const held = (one) => (!here.get("desk") || one.desks.includes(here.get("desk"))) && (!here.get("book") || one.books.includes(here.get("book")));
    return [
      ...instruments.map((one) => ({
        kind: "instrument",
        name: one.instrument,
        about: `${one.name} · ${one.desks.join(", ")}`,
        set: { ...(held(one) ? {} : free(ofBook)), ...free(ofInstrument), instrument: one.instrument },
      })),
      ...trades.map((one) => ({
        kind: "trade",
        name: one.trade_id,
        about: `${one.side} ${one.instrument} · ${one.book} · ${one.trade_date}`,
        path: blotter,
        set: { ...free(ofBook), ...free(ofInstrument), book: one.book, instrument: one.instrument },
        hash: new URLSearchParams({ trade: one.trade_id }).toString(),
      })),
    ];
  }

  async function ask(text) {
    if (state.asked) state.asked.abort();
    state.asked = new AbortController();
    const query = new URLSearchParams({ q: text });
    const here = new URLSearchParams(window.location.search);
    ["as_of", "known"].forEach((name) => here.get(name) && query.set(name, here.get(name)));
    try {
      const answer = await window.fetch(`${state.index.find}?${query}`, { signal: state.asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      state.found = items(await answer.json());
      show();
    } catch (failed) {
      if (failed.name === "AbortError") return;
      show("Instruments and trades cannot be asked for now.");
    }
  }

  function typed() {
    const text = input.value.trim();
    window.clearTimeout(state.timer);
    if (state.asked) state.asked.abort();
    state.active = 0;
    state.found = [];
    const asks = text.length > 1 && text.length <= 60;
    show(asks ? "Looking for instruments and trades …" : "");
    if (asks) state.timer = window.setTimeout(() => ask(text), PATIENCE);
  }

  function element(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  }

  function show(said) {
    state.shown = [...local(input.value.trim()), ...state.found];
    list.replaceChildren(
      ...state.shown.map((item, place) => {
        const row = element("li", "", "");
        row.id = `palette-${place}`;
        row.setAttribute("role", "option");
        row.append(element("b", "", item.name), element("span", "said", item.about), element("span", "kind", item.again ? `recent ${item.kind}` : item.kind));
        return row;
      }),
    );
    const count = state.shown.length;
    status.textContent = said || (count ? `${count} found` : "Nothing of that name is open to you.");
    status.classList.toggle("unseen", Boolean(count) && !said);
    mark(Math.min(state.active, count - 1));
  }

  function mark(place) {
    state.active = Math.max(0, place);
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", at === state.active));
    const row = list.children[state.active];
    if (row) {
      input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function choose(item) {
    if (!item) return;
    const query = new URLSearchParams(window.location.search);
    Object.entries(item.set || {}).forEach(([name, value]) => (value ? query.set(name, value) : query.delete(name)));
    const later = query.has("vs") && query.has("as_of") && query.get("vs") >= query.get("as_of");
    if (later) query.delete(item.set.vs ? "as_of" : "vs");
    const text = query.toString();
    const hash = item.hash ? `#${item.hash}` : item.path ? "" : window.location.hash;
    remember({ ...item, again: undefined });
    dialog.close();
    window.parapet.go(`${item.path || window.location.pathname}${text ? `?${text}` : ""}${hash}`);
  }

  function keyed(event) {
    event.stopPropagation(); // Escape is the palette's, not the drawer's behind it
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) {
      const count = state.shown.length;
      const to = state.active + steps[event.key];
      mark(Math.abs(steps[event.key]) > 1 ? Math.min(count - 1, Math.max(0, to)) : (to + count) % (count || 1));
    } else if (event.key === "Enter") choose(state.shown[state.active]);
    else if (opens(event)) dialog.close();
    else return;
    event.preventDefault();
  }

  function make() {
    dialog = element("dialog", "palette", "");
    dialog.id = "palette";
    dialog.setAttribute("aria-label", "Find");
    input = element("input", "", "");
    list = element("ul", "", "");
    list.id = "palette-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "What was found");
    status = element("p", "", "");
    status.setAttribute("role", "status");
    const said = { type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: "60", "aria-autocomplete": "list" };
    const named = { "aria-expanded": "true", "aria-controls": list.id, "aria-label": "Find a page, book, instrument, trade or date" };
    Object.entries({ ...said, ...named, placeholder: "Page, desk, book, instrument, trade, panel, 2020-03-16" }).forEach(([name, value]) => input.setAttribute(name, value));
    dialog.append(input, list, status, element("footer", "", "↑ ↓ to move · Enter to choose · Esc to close"));
    document.body.appendChild(dialog);
    input.addEventListener("input", typed);
    dialog.addEventListener("keydown", keyed);
    dialog.addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (row) choose(state.shown[[...list.children].indexOf(row)]);
      else if (event.target === dialog) dialog.close();
    });
    list.addEventListener("mousemove", (event) => {
      const row = event.target.closest("li");
      if (row && row.getAttribute("aria-selected") !== "true") mark([...list.children].indexOf(row));
    });
  }

  function open() {
    if (!dialog) make();
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    typed();
    input.focus();
  }

  const opens = (event) => event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;

  document.addEventListener("keydown", (event) => {
    if (!event.key || !opens(event)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => event.target.closest && event.target.closest("#palette-open") && open());

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.palette = {
    known(index) {
      state.index = index || { items: [] };
      if (dialog && dialog.open) show();
      return `Find (${MAC ? "⌘K" : "Ctrl K"})`;
    },
  };
})();
