/* The columns of each grid as its reader arranged them: order, width, sort, what is shown; kept in this browser. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const grids = new Map(); // panel → the grid's API
  const worn = new WeakSet(); // grids that wear what was kept

  const place = (panel) => `columns:${document.documentElement.dataset.reader || ""}:${panel}`;

  function kept(panel) {
    try {
      return JSON.parse(window.localStorage.getItem(place(panel)));
    } catch (blocked) {
      return null;
    }
  }

  function keep(panel, state) {
    try {
      if (state) window.localStorage.setItem(place(panel), JSON.stringify(state));
      else window.localStorage.removeItem(place(panel));
    } catch (blocked) {
      return;
    }
  }

  function grid(panel) {
    const api = grids.get(panel);
    return api && !api.isDestroyed() ? api : null;
  }

  /* A phone shows how much of each limit is used before it is scrolled sideways. */
  function rearrange(api) {
    const narrow = window.matchMedia("(max-width: 820px)").matches;
    if (narrow && api.getColumn("limit_id") && api.getColumn("utilisation")) api.moveColumns(["utilisation", "headroom"], 1);
  }

  function wear(panel, api) {
    const state = kept(panel);
    if (!state) {
      rearrange(api);
      return;
    }
    api.applyColumnState({ state: state.columns, applyOrder: true });
  }

  function remember(panel, api) {
    const columns = api.getColumnState().map(({ colId, hide, width, flex, sort, sortIndex }) => {
      const own = Boolean(api.getColumnDef(colId).hide); // hidden by itself, as long as it has nothing to say
      return { colId, hide: hide === own ? undefined : hide, width, flex, sort, sortIndex };
    });
    keep(panel, { columns });
  }

  function reset(panel) {
    keep(panel, null);
    const api = grid(panel);
    if (!api) return;
    api.resetColumnState();
  }

  /* A grid is met when it draws its first cell or tells its first event, whichever comes first: it wears what was kept. */
  function meet(panel, api) {
    if (worn.has(api)) return;
    worn.add(api);
    grids.set(panel, api);
    window.queueMicrotask(() => api.isDestroyed() || wear(panel, api));
  }

  /* Every event of a grid that concerns its columns: what its reader does is kept, what a new drawing undoes is redone. */
  functions.keepColumns = function (params, panel) {
    const { api, type, source, finished } = params;
    if (!worn.has(api)) meet(panel, api);
    else if (type === "newColumnsLoaded") wear(panel, api);
    else if (finished !== false && /^ui/.test(source || "")) remember(panel, api);
  };

  /* The menu of a panel's columns, made when it is opened: one line a column, and the way back. */
  function fill(list, panel) {
    const api = grid(panel);
    if (!api) {
      list.replaceChildren("No table is here yet.");
      return;
    }
    const lines = api.getColumns().map((column, first) => {
      const line = document.createElement("label");
      const box = document.createElement("input");
      line.className = "item";
      box.type = "checkbox";
      box.checked = column.isVisible();
      box.disabled = first === 0;
      box.addEventListener("change", () => {
        api.setColumnsVisible([column.getColId()], box.checked);
        remember(panel, api);
      });
      line.append(box, ` ${api.getDisplayNameForColumn(column, "header") || "name"}`);
      return line;
    });
    const back = document.createElement("button");
    back.textContent = "Reset columns";
    back.addEventListener("click", () => {
      reset(panel);
      fill(list, panel);
    });
    list.replaceChildren(...lines, back);
  }

  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (menu.open && menu.matches("details.columns")) fill(menu.querySelector(".list"), menu.closest(".panel").id);
    },
    true,
  );

  window.parapetColumns = {
    meet,
    grid,

    /* Write every cell anew: the reader's separators or zone have changed. */
    refresh() {
      grids.forEach((api) => api.isDestroyed() || api.refreshCells({ force: true }));
    },

    /* How the columns of the page on screen stand, by panel; only what its reader changed. */
    of() {
      const panels = [...document.querySelectorAll(".panel")].map((panel) => [panel.id, kept(panel.id)]);
      return Object.fromEntries(panels.filter(([, state]) => state).map(([panel, state]) => [panel, state.columns]));
    },

    /* Put a saved view's columns on a page, in place of what its panels wore. */
    put(page, wanted) {
      const start = place(`${page}-`);
      try {
        Object.keys(window.localStorage)
          .filter((name) => name.startsWith(start))
          .forEach((name) => window.localStorage.removeItem(name));
      } catch (blocked) {
        return;
      }
      Object.entries(wanted).forEach(([panel, columns]) => keep(panel, { columns }));
      grids.forEach((api, panel) => {
        if (api.isDestroyed() || !panel.startsWith(`${page}-`)) return;
        api.resetColumnState();
        wear(panel, api);
      });
    },
  };
})();
