/* Notes pinned to numbers: a mark on the cell or tile, its text on hover; N on one that is focused opens them. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const grids = new Map(); // panel → the grid's API
  let notes = {};

  function address(data) {
    return data._path === undefined ? data._at || "" : data._path;
  }

  function said(params, panel) {
    const rows = notes[panel];
    const cells = rows && params.data && rows[address(params.data)];
    return (cells && cells[params.column.getColId()]) || "";
  }

  functions.noted = function (params, panel) {
    window.parapetColumns.meet(panel, params.api);
    grids.set(panel, params.api);
    return Boolean(said(params, panel));
  };

  functions.noteKey = function (params, panel) {
    const { event, data, column } = params;
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || !data || !column) return;
    const wanted = new URLSearchParams({ note: panel, at: address(data), column: column.getColId() });
    window.parapet.open(wanted.toString());
  };

  /* Which number a tile shows first: its link explains it. */
  function ofTile(tile) {
    const asked = new URLSearchParams(tile.hash.slice(1));
    return [asked.get("explain"), asked.get("column")];
  }

  const links = document.createElement("style"); // a rule finds its tile whenever that is drawn anew

  function markTiles() {
    const totals = Object.entries(notes).flatMap(([panel, rows]) => Object.keys(rows[""] || {}).map((column) => `explain=${panel}&column=${column}`));
    const tiles = totals.map((wanted) => `a.tile[href$="#${CSS.escape(wanted)}"]`);
    links.textContent = tiles.length ? `${tiles.join(", ")} { --noted: var(--warn); }` : "";
    if (!links.isConnected) document.head.append(links);
  }

  function openTile(event) {
    const tile = event.key === "n" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target.closest && event.target.closest("a.tile");
    if (!tile) return;
    const [panel, column] = ofTile(tile);
    window.parapet.open(new URLSearchParams({ note: panel, at: "", column }).toString());
  }

  document.addEventListener("keydown", openTile);
  document.addEventListener("mouseover", (event) => {
    const tile = event.target.closest && event.target.closest("a.tile");
    if (!tile) return;
    const [panel, column] = ofTile(tile);
    tile.title = ((notes[panel] || {})[""] || {})[column] || "";
  });

  document.addEventListener("mouseover", (event) => {
    const cell = event.target.closest && event.target.closest(".ag-cell.noted");
    if (!cell || cell.title) return;
    const panel = cell.closest(".panel");
    const api = panel && grids.get(panel.id);
    const row = cell.closest(".ag-row");
    if (!api || api.isDestroyed() || !row) return;
    const index = row.getAttribute("row-index");
    const node = index.startsWith("b-") ? api.getPinnedBottomRow(Number(index.slice(2))) : api.getDisplayedRowAtIndex(Number(index));
    const column = api.getColumn(cell.getAttribute("col-id"));
    if (node && column) cell.title = said({ data: node.data, column }, panel.id);
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.notes = {
    mark(found) {
      notes = found || {};
      markTiles();
      grids.forEach((api) => {
        if (!api.isDestroyed()) api.refreshCells({ force: true });
      });
      return window.dash_clientside.no_update;
    },
  };
})();
