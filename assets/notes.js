/* Notes pinned to numbers: a mark on the cell, its text on hover; N on a focused cell opens them. */
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
      grids.forEach((api) => {
        if (!api.isDestroyed()) api.refreshCells({ force: true });
      });
      return window.dash_clientside.no_update;
    },
  };
})();
