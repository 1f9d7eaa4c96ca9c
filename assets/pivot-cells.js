/* The cells of the pivot: their heat, and the lines of numbers that come after them. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  /* The shade of a cell: its size over the largest of its level, in the colours of its sign. */
  functions.pivotHeat = function (params, most, tone, strongest) {
    const path = params.data && params.data._path;
    const largest = path ? most[path.split("\t").length - 1] : 0;
    if (!largest || !params.value) return { backgroundColor: "transparent" };
    const colours = tone === "result" ? ["loss", "gain"] : ["mute", "accent"];
    const share = Math.round((Math.abs(params.value) / largest) * strongest);
    return { backgroundColor: `color-mix(in srgb, var(--${colours[params.value < 0 ? 0 : 1]}) ${share}%, transparent)` };
  };

  let lines = {}; // row → number → its last days as a text

  functions.pivotLine = function (params, name) {
    const row = params.data && lines.rows && lines.rows[params.data._path];
    return (row && row[name]) || null;
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pivotCells = {
    /* The lines have come: the grid that is there draws them, one that comes later finds them. */
    line(found) {
      lines = found || {};
      const told = document.getElementById("pivot-waits");
      const waits = (lines.waits || []).join(", ");
      if (told) told.textContent = waits && `No line for ${waits}: earlier days would each need a run.`;
      const api = window.parapetColumns.grid("pivot-tree");
      if (api) api.refreshCells({ force: true });
      return window.dash_clientside.no_update;
    },
  };
})();
