/* What the grids call by name: the text of numbers, and a tree made of flat rows. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const formats = new Map();
  const clocks = new Map(); // zone → how its instants are written
  const opened = new Map(); // tree → Map(path → whether the reader opened or closed it)

  function format(places) {
    if (!formats.has(places)) {
      formats.set(places, new Intl.NumberFormat("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }));
    }
    return formats.get(places);
  }

  /* A hole is an en dash; above the leaves of a tree, where the column means nothing, it is empty. */
  functions.number = function (params, divisor, decimals, signed, suffix) {
    const { value, data } = params;
    if (value === null || value === undefined) return !data || data._more || data._folded || data._path === "" ? "" : "–";
    const places = decimals >= 0 ? decimals : Math.abs(value) < 10 ? 4 : 2;
    const text = window.parapetLook.write(format(places).format(value / divisor));
    const zero = !/[1-9]/.test(text);
    const sign = zero || value === 0 ? "" : value < 0 ? "−" : signed ? "+" : "";
    return sign + text.replace("-", "") + suffix;
  };

  /* An amount of a limit, whose row says its unit: a share, a bare number, or money on the reader's scale. */
  functions.amount = function (params, divisor, decimals, signed) {
    const { unit } = params.data || {};
    if (unit === "%") return functions.number(params, 0.01, 1, signed, "%");
    if (!/^[A-Z]{3}/.test(unit || "")) return functions.number(params, 1, Number.isInteger(params.value) ? 0 : 2, signed, "");
    return functions.number(params, divisor, unit.includes("/") && divisor > 1 ? decimals + 1 : decimals, signed, "");
  };

  /* An instant in the reader's own zone, to the second: Swedes write dates as ISO does. */
  functions.instant = function (value) {
    if (!value) return "";
    const { zone } = window.parapetLook;
    if (!clocks.has(zone)) clocks.set(zone, new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }));
    return clocks.get(zone).format(new Date(value));
  };

  /* An instant; of a row that is still on its way the day on which it stands in its list. */
  functions.instantOrDay = function ({ value, data, node, context }) {
    if (data) return functions.instant(value);
    const next = context.begins.findIndex((begin) => begin > node.rowIndex);
    return context.days.at(next < 0 ? -1 : next - 1) || "";
  };

  functions.rowName = ({ data }) => String(data._row ?? data._at);

  functions.carried = function (params, asOf) {
    const date = params.data && params.data.price_date;
    if (!date) return params.value === null ? "no price" : null;
    return date < asOf ? `price of ${date}, carried to ${asOf}` : null;
  };

  function levelOf(path) {
    return path.split("\t").length;
  }

  /* Whether a path of the tree is open, where it is open down to `depth` until its reader chooses. */
  function isOpen(tree, path, depth) {
    const chosen = opened.get(tree);
    if (chosen && chosen.has(path)) return chosen.get(path);
    return levelOf(path) <= depth;
  }

  functions.treeIsOpen = (tree, data) => isOpen(tree, data._path, data._depth);

  functions.treeShows = function (node, tree) {
    const { _path: path, _depth: depth } = node.data;
    for (let i = path.indexOf("\t"); i >= 0; i = path.indexOf("\t", i + 1)) {
      if (!isOpen(tree, path.slice(0, i), depth)) return false;
    }
    return true;
  };

  /* AG Grid has sorted the flat rows: put every row back under its parent, siblings in the sorted order. */
  functions.treeSort = function (params) {
    const children = new Map();
    for (const node of params.nodes) {
      const path = node.data._path;
      const parent = path.slice(0, Math.max(0, path.lastIndexOf("\t")));
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(node);
    }
    let place = 0;
    const settle = (parent) => {
      for (const node of children.get(parent) || []) {
        params.nodes[place++] = node;
        settle(node.data._path);
      }
    };
    settle("");
  };

  functions.treeToggle = function (api, node, tree, open) {
    const { _path: path, _more: more, _depth: depth } = node.data || {};
    if (!path || !more) return false;
    if (open !== undefined && open === isOpen(tree, path, depth)) return false;
    if (!opened.has(tree)) opened.set(tree, new Map());
    opened.get(tree).set(path, !isOpen(tree, path, depth));
    api.refreshCells({ rowNodes: [node], columns: ["_name"], force: true });
    api.onFilterChanged();
    return true;
  };

  /* Right opens, left closes (or goes to the parent), Enter and Space toggle, as in any tree. */
  functions.treeKey = function (params, tree) {
    const { event, api, node } = params;
    const open = { ArrowRight: true, ArrowLeft: false, Enter: undefined, " ": undefined };
    if (!(event.key in open) || event.type !== "keydown") return false;
    const done = functions.treeToggle(api, node, tree, open[event.key]);
    if (done) event.preventDefault();
    else if (event.key === "ArrowLeft" && node.data._path.includes("\t")) {
      const parent = api.getRowNode(node.data._path.slice(0, node.data._path.lastIndexOf("\t")));
      if (parent) api.setFocusedCell(parent.rowIndex, "_name");
      return true;
    }
    return done;
  };
})();
