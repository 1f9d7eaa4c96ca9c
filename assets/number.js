/* Numbers that explain themselves: a click, or Enter on a focused cell, opens the drawer for that very number. */
(function () {
  function explain(cell) {
    const grid = cell.closest(".grid");
    const panel = cell.closest(".panel");
    const api = grid && panel && window.dash_ag_grid && window.dash_ag_grid.getApi(grid.id);
    if (!api) return false;
    const index = cell.closest(".ag-row").getAttribute("row-index");
    const node = index.startsWith("b-") ? api.getPinnedBottomRow(Number(index.slice(2))) : api.getDisplayedRowAtIndex(Number(index));
    const data = node && node.data;
    if (!data) return false;
    if (data.trade_id) return show({ trade: data.trade_id });
    const column = cell.getAttribute("col-id");
    const value = data[column];
    if (typeof value !== "number" || data._folded) return false;
    return show({ explain: panel.id, at: data._path === undefined ? data._at : data._path, column });
  }

  function show(wanted) {
    const hash = new URLSearchParams();
    Object.entries(wanted).forEach(([name, value]) => value && hash.set(name, value));
    window.parapet.open(hash.toString());
    return true;
  }

  /* A tile is one link: before it is followed it is told which of its numbers was meant. */
  function aim(tile, number) {
    const hash = new URLSearchParams(tile.getAttribute("href").slice(1));
    const wanted = number || tile.querySelector("[data-column]");
    if (wanted) hash.set("column", wanted.dataset.column);
    tile.setAttribute("href", `#${hash}`);
  }

  async function copy(button) {
    const said = button.textContent;
    await window.navigator.clipboard.writeText(window.location.href);
    button.textContent = "Copied";
    window.setTimeout(() => (button.textContent = said), 1500);
  }

  const within = (event, css) => (event.target.closest ? event.target.closest(css) : null);

  document.addEventListener(
    "click",
    (event) => {
      const tile = within(event, "a.tile");
      if (tile) aim(tile, within(event, "[data-column]"));
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const button = within(event, "[data-copies]");
    if (button) copy(button);
    const cell = within(event, ".grid .ag-cell");
    if (!cell || within(event, "a, button") || String(window.getSelection())) return;
    explain(cell);
  });
  document.addEventListener("keydown", (event) => {
    const cell = event.key === "Enter" && event.target.matches && event.target.matches(".grid .ag-cell");
    if (cell && explain(event.target)) event.preventDefault();
  });
})();
