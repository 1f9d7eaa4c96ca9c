/* What leaves the screen without the server's writers: a table to the clipboard, a chart as a picture, a page on paper. */
(function () {
  const root = document.documentElement;
  const PAPER = 1032; // pixels between the margins of an A4 page on its side
  const SVG = "http://www.w3.org/2000/svg";
  let before = null;
  let fixed = [];
  let sheet = null;

  /* A line that says what was done, to the eye and to a screen reader. */
  function say(text) {
    let line = document.getElementById("said");
    if (!line) {
      line = document.createElement("div");
      line.id = "said";
      line.setAttribute("role", "status");
      document.body.append(line);
    }
    line.textContent = text;
    line.classList.add("shown");
    window.clearTimeout(say.timer);
    say.timer = window.setTimeout(() => line.classList.remove("shown"), 4000);
  }

  function imprint() {
    const said = document.querySelector("#imprint span");
    return said ? said.textContent : "";
  }

  /* Text that a spreadsheet would run as a formula gets an apostrophe, as in the files. */
  function disarm(text) {
    return text.replace(/[\t\r\n]+/g, " ").replace(/^(["\s]*[=+\-@＝＋－＠])/, "'$1");
  }

  /* The rows and columns that a grid shows, in its order, numbers in full; lines are of numbers that files hold. */
  function gridRows(api) {
    const columns = api.getAllDisplayedColumns().filter((column) => column.getColDef().field);
    const nodes = [];
    api.forEachNodeAfterFilterAndSort ? api.forEachNodeAfterFilterAndSort((node) => nodes.push(node)) : null;
    if (!nodes.length) api.forEachNode((node) => nodes.push(node));
    for (let i = 0; i < api.getPinnedBottomRowCount(); i++) nodes.push(api.getPinnedBottomRow(i));
    const named = (path) => (path ? "  ".repeat(path.split("\t").length - 1) + path.split("\t").pop() : "Total");
    const cell = (column, data) => (column.getColId() === "_name" ? named(data._path) : data[column.getColDef().field]);
    return {
      heads: columns.map((column) => column.getColDef().headerName || column.getColId()),
      rows: nodes.filter((node) => node.data).map((node) => columns.map((column) => cell(column, node.data))),
    };
  }

  /* Of a chart or tiles, the file's rows: what they draw. */
  async function fileRows(panel) {
    const link = [...panel.querySelectorAll(".files a")].find((one) => one.textContent === "JSON");
    const answer = await window.fetch(link.href, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { columns, rows } = await answer.json();
    return {
      heads: columns.map((column) => column.header),
      rows: rows.map((row) => columns.map((column) => row[column.name])),
    };
  }

  function escaped(text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  }

  function forms({ heads, rows }) {
    const bare = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? String(value) : value);
    const text = (value) => (typeof value === "number" ? String(value) : disarm(String(bare(value))));
    const td = (value) =>
      typeof value === "number" ? `<td x:num="${value}">${value}</td>` : `<td>${escaped(text(value)).replace(/^ +/, (gap) => "&nbsp;".repeat(gap.length))}</td>`;
    const lines = [heads.map(text), ...rows.map((row) => row.map(text))];
    const head = `<tr>${heads.map((name) => `<th>${escaped(text(name))}</th>`).join("")}</tr>`;
    const body = rows.map((row) => `<tr>${row.map(td).join("")}</tr>`).join("");
    return {
      "text/plain": lines.map((line) => line.join("\t")).join("\r\n"),
      "text/html": `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8"><table>${head}${body}</table></html>`,
    };
  }

  /* By the clipboard where the browser has one (https, localhost), else by the event of a copy. */
  async function put(kinds) {
    if (navigator.clipboard && window.ClipboardItem) {
      const blobs = Object.entries(kinds).map(([kind, text]) => [kind, new Blob([text], { type: kind })]);
      try {
        await navigator.clipboard.write([new window.ClipboardItem(Object.fromEntries(blobs))]);
        return;
      } catch (refused) {
        /* a browser that asks the reader first, and was told no: try the other way */
      }
    }
    const fill = (event) => {
      Object.entries(kinds).forEach(([kind, text]) => event.clipboardData.setData(kind, text));
      event.preventDefault();
    };
    document.addEventListener("copy", fill, { once: true });
    const done = document.execCommand("copy");
    document.removeEventListener("copy", fill);
    if (!done) throw new Error("the browser does not give its clipboard");
  }

  async function copyTable(key) {
    const panel = document.getElementById(key);
    const api = panel.querySelector(".grid") && window.dash_ag_grid ? window.dash_ag_grid.getApi(`${key}-grid`) : null;
    const table = api ? gridRows(api) : await fileRows(panel);
    await put(forms(table));
    say(`Copied ${table.rows.length} row${table.rows.length === 1 ? "" : "s"}, numbers in full`);
  }

  async function copyText(text, said) {
    await put({ "text/plain": text });
    say(said);
  }

  function ink(name) {
    return window.getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  }

  function line(text, x, y, size, colour, weight) {
    const element = document.createElementNS(SVG, "text");
    const look = { x, y, fill: colour, "font-family": ink("font"), "font-size": size, "font-weight": weight };
    Object.entries(look).forEach(([name, value]) => element.setAttribute(name, value));
    element.textContent = text;
    return element;
  }

  /* The chart with its title above and its source below, as one SVG. */
  async function drawing(panel) {
    const graph = panel.querySelector(".js-plotly-plot");
    const width = Math.max(720, graph.clientWidth);
    const height = Math.max(320, graph.clientHeight);
    const url = await window.Plotly.toImage(graph, { format: "svg", width, height });
    const text = decodeURIComponent(url.slice(url.indexOf(",") + 1));
    const chart = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const whole = document.createElementNS(SVG, "svg");
    const size = { width, height: height + 84, viewBox: `0 0 ${width} ${height + 84}` };
    Object.entries(size).forEach(([name, value]) => whole.setAttribute(name, value));
    whole.setAttribute("style", `font-size-adjust: ch-width ${ink("digit")}`); // as on screen, where the chart was measured
    const ground = document.createElementNS(SVG, "rect");
    Object.entries({ width, height: height + 84, fill: ink("panel") }).forEach(([name, value]) => ground.setAttribute(name, value));
    const unit = panel.querySelector(".unit").textContent;
    const title = panel.querySelector("h2").textContent.replace(/ ›$/, "");
    chart.setAttribute("y", "48");
    whole.append(ground, line(title, 16, 26, 16, ink("text"), 600), line(unit, 16, 43, 11.5, ink("mute"), 400), chart);
    whole.append(line(imprint(), 16, height + 72, 11, ink("faint"), 400));
    return { width, height: height + 84, text: new XMLSerializer().serializeToString(whole) };
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async function picture(panel, kind) {
    const { width, height, text } = await drawing(panel);
    const vector = new Blob([text], { type: "image/svg+xml" });
    const day = (imprint().match(/as of (\S+)/) || ["", "chart"])[1];
    if (kind === "svg") return save(vector, `${panel.id}_${day}.svg`);
    const image = new Image();
    image.src = URL.createObjectURL(vector);
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    return canvas.toBlob((blob) => save(blob, `${panel.id}_${day}.png`), "image/png");
  }

  const settled = () => !document.querySelector("[data-dash-is-loading], .skeleton, ._dash-loading");

  async function frames(count) {
    for (let i = 0; i < count; i++) await new Promise((next) => window.requestAnimationFrame(next));
  }

  function wear(theme) {
    root.dataset.theme = theme;
    window.dash_clientside.set_props("theme", { data: window.parapetLook.text() });
  }

  /* Charts are drawn for a theme: paper is light, so they are drawn anew before the page is printed. */
  async function print() {
    const theme = root.dataset.theme;
    if (theme === "light") return window.print();
    wear("light");
    await frames(4);
    for (let i = 0; i < 600 && !settled(); i++) await frames(1);
    await frames(4);
    try {
      window.print();
    } finally {
      wear(theme);
    }
  }

  /* Hold an element to what it is on screen: paper is narrower, and a narrow screen has another layout. */
  function fix(element, names) {
    fixed.push([element, element.getAttribute("style") || ""]);
    const look = window.getComputedStyle(element);
    names.map((name) => [name, look.getPropertyValue(name)]).forEach(([name, value]) => element.style.setProperty(name, value, "important"));
  }

  /* The page is printed as it stands on screen, only smaller: nothing is measured again. */
  window.addEventListener("beforeprint", () => {
    const page = document.getElementById("page");
    const panels = page && page.querySelector(".panels");
    if (!panels) return;
    before = root.dataset.theme;
    fix(panels, ["display", "grid-template-columns", "grid-template-rows", "width"]);
    panels.style.setProperty("zoom", String(Math.min(1, PAPER / panels.clientWidth)));
    panels.querySelectorAll(".panel").forEach((panel) => fix(panel, ["grid-area", "height", "margin-bottom"]));
    document.querySelectorAll(".grid").forEach((grid) => {
      const view = grid.querySelector(".ag-body-viewport");
      grid.closest(".body").toggleAttribute("data-cut", Boolean(view) && view.scrollHeight > view.clientHeight + 2);
    });
    if (before === "dark") root.setAttribute("data-inked", "");
    root.dataset.theme = "light";
    const said = JSON.stringify(`${document.querySelector("#imprint b")?.textContent || ""}   ${imprint()}`.replace(/[\r\n<]+/g, " "));
    sheet = document.createElement("style");
    sheet.textContent = `@page { @bottom-left { content: ${said}; } }`;
    document.head.append(sheet);
  });

  window.addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    root.removeAttribute("data-inked");
    fixed.forEach(([element, style]) => element.setAttribute("style", style));
    fixed = [];
    if (sheet) sheet.remove();
    before = sheet = null;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy], [data-picture], [data-address], [data-text], [data-print]");
    if (!button) return;
    const { copy, picture: kind, address, text } = button.dataset;
    const open = button.closest("details.menu");
    if (open) open.open = false;
    let done;
    if (copy) done = copyTable(copy);
    else if (kind) done = picture(button.closest(".panel"), kind);
    else if (address) done = copyText(new URL(address, window.location.href).href, "Address copied; it wants a token");
    else if (text) done = copyText(text, "Copied");
    else done = print();
    done.catch((failed) => say(`This did not work: ${failed.message}`));
  });
})();
