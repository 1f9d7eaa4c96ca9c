/* The filter of a table's rows: a form of its columns, which reads and writes the address and nothing else. */
(function () {
  const SCALES = { 1: 1, k: 1e3, m: 1e6 };
  const query = () => new URLSearchParams(window.location.search);

  /* The conditions of the address, as panel, column and what is wanted. */
  function conditions() {
    const parts = (query().get("where") || "").split(";").filter(Boolean);
    return parts.map((part) => {
      const [, panel, column, wanted] = part.match(/^([^.:]+)\.([^:]+):(.*)$/) || [];
      return { panel, column, wanted: decodeURIComponent(wanted || "") };
    });
  }

  /* The address with these conditions on a panel, in place of those that it has. */
  function go(panel, own) {
    const all = [...conditions().filter((one) => one.panel !== panel), ...own.map((one) => ({ panel, ...one }))];
    const text = all.map((one) => `${one.panel}.${one.column}:${one.wanted.replace(/[%;]/g, encodeURIComponent)}`).join(";");
    const asked = query();
    if (text) asked.set("where", text);
    else asked.delete("where");
    window.parapet.go(window.location.pathname + (asked.size ? `?${asked}` : "") + window.location.hash);
  }

  /* What a number on screen is divided by, of which files and addresses hold the whole. */
  function unit(field) {
    const scale = query().get("scale") || "k";
    return field.per === "scale" ? SCALES[scale] : field.per === "share" ? 0.01 : 1;
  }

  function said(field) {
    const scale = query().get("scale") || "k";
    const per = field.per === "share" ? " (%)" : field.per === "scale" && scale !== "1" ? ` (${scale})` : "";
    return field.label + per;
  }

  function input(field, end, value) {
    const box = document.createElement("input");
    Object.assign(box, { type: field.kind === "number" ? "number" : "search", step: "any", value, autocomplete: "off" });
    Object.assign(box.dataset, { column: field.name, end });
    box.placeholder = end ? (field.kind === "day" ? `${end} 2022-12-28` : end) : "has";
    box.setAttribute("aria-label", `${said(field)}${end ? ` ${end}` : ""}`);
    return box;
  }

  const shown = (field, text) => (text && field.kind === "number" ? String(Number((Number(text) / unit(field)).toPrecision(12))) : text || "");
  const whole = (field, text) => (text && field.kind === "number" ? String(Number((Number(text) * unit(field)).toPrecision(12))) : text);

  /* Words that stand in a column on screen, to choose from. */
  function words(panel, field) {
    const api = window.parapetColumns.grid(panel);
    const found = new Set();
    if (api && field.name !== "_name") api.forEachNode((node) => node.data && node.data[field.name] && found.add(node.data[field.name]));
    if (!found.size || found.size > 60) return null;
    const list = document.createElement("datalist");
    list.id = `${panel}-${field.name}-words`;
    list.append(...[...found].sort().map((word) => Object.assign(document.createElement("option"), { value: word })));
    return list;
  }

  function fill(menu) {
    const panel = menu.closest(".panel").id;
    const now = conditions().filter((one) => one.panel === panel);
    const lines = JSON.parse(menu.dataset.fields).map((field) => {
      const { wanted = "" } = now.find((one) => one.column === field.name) || {};
      const line = document.createElement("div");
      const label = Object.assign(document.createElement("span"), { textContent: said(field) });
      line.append(label);
      if (field.kind === "text") {
        const box = input(field, "", wanted);
        const list = words(panel, field);
        if (list) box.setAttribute("list", list.id);
        line.append(box, ...(list ? [list] : []));
      } else {
        const [low, high] = wanted.split("..");
        line.append(input(field, "from", shown(field, low)), input(field, "to", shown(field, high)));
      }
      return line;
    });
    const button = (text, data) => Object.assign(document.createElement("button"), { textContent: text, className: "chip", ...data });
    const end = button("Show all rows", { type: "button", disabled: !now.length });
    end.dataset.unfilter = panel;
    const last = document.createElement("p");
    last.append(button("Filter", { type: "submit" }), end);
    menu.querySelector(".list").replaceChildren(...lines, last);
  }

  function submit(menu) {
    const own = JSON.parse(menu.dataset.fields).flatMap((field) => {
      const value = (end) => whole(field, menu.querySelector(`[data-column="${field.name}"][data-end="${end}"]`).value.trim());
      if (field.kind === "text") return value("") ? [{ column: field.name, wanted: value("") }] : [];
      const [low, high] = [value("from"), value("to")];
      return low || high ? [{ column: field.name, wanted: `${low}..${high}` }] : [];
    });
    menu.open = false;
    menu.querySelector("summary").focus();
    go(menu.closest(".panel").id, own);
  }

  document.addEventListener("toggle", (event) => event.target.open && event.target.matches("details.filter") && fill(event.target), true);
  document.addEventListener("submit", (event) => {
    const menu = event.target.closest("details.filter");
    if (!menu) return;
    event.preventDefault();
    submit(menu);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-unfilter]");
    if (!button) return;
    const menu = button.closest("details.filter");
    if (menu) menu.open = false;
    go(button.dataset.unfilter, []);
  });
})();
