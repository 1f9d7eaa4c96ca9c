/* Saved views: a link puts on the columns that were saved with it, and `/` leads to the home that its reader set. */
(function () {
  const none = () => window.dash_clientside.no_update;

  let focused = ""; // the id of what had the focus last

  document.addEventListener("focusin", (event) => {
    focused = event.target.id;
  });

  function put(page, grids) {
    if (page) window.parapetColumns.put(page, JSON.parse(grids || "{}"));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.view");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    put(link.dataset.page, link.dataset.grids);
    window.parapet.go(link.getAttribute("href"));
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.views = {
    /* What is to be saved: the name, and how the columns of the page on screen stand. */
    wanted(clicks, submits, name) {
      return clicks || submits ? { name: name || "", grids: window.parapetColumns.of(), at: Date.now() } : none();
    },

    /* A list that was made anew gives the focus back to what had it. */
    refocus() {
      window.setTimeout(() => {
        const again = document.activeElement === document.body && document.getElementById(focused);
        if (again) again.focus();
      });
      return none();
    },

    /* What was done is said for a moment, each time anew: two classes of one look take turns. */
    said(kept, worn) {
      return worn === "said" ? "said anew" : "said";
    },

    /* A page that is nothing but the way to another is replaced by it, so that the back button passes it by. */
    home(children) {
      const way = (Array.isArray(children) ? children : []).find((one) => one && one.props && one.props.id === "home-way");
      if (way) {
        if (way.props["data-grids"]) put(way.props["data-page"], way.props["data-grids"]);
        window.history.replaceState({}, "", way.props.href);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      }
      return none();
    },
  };
})();
