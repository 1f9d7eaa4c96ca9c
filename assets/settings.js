/* How its reader wants to see the screen: what the document says, what was just chosen, and the switch of the theme. */
(function () {
  const root = document.documentElement;

  function wear(look) {
    ["chosen", "palette", "numbers", "zone", "density"].forEach((name) => {
      if (look[name]) root.dataset[name] = look[name];
      else delete root.dataset[name];
    });
    window.parapetLook.wear();
    window.parapetColumns.refresh();
  }

  function turn() {
    const theme = root.dataset.theme === "light" ? "dark" : "light";
    root.dataset.theme = theme;
    if (root.dataset.chosen) root.dataset.chosen = theme;
    try {
      window.localStorage.setItem("theme", theme);
    } catch (blocked) {
      return theme;
    }
    return theme;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.settings = {
    /* What charts are drawn for; and the theme that the switch chose, where the reader has chosen one for good. */
    wear(clicks, kept) {
      const asked = window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);
      const switched = asked.includes("theme-switch.n_clicks") && clicks ? turn() : "";
      if (asked.includes("settings-kept.data") && kept) wear(kept);
      const lasting = switched && root.dataset.chosen ? switched : window.dash_clientside.no_update;
      return [window.parapetLook.text(), lasting];
    },
  };
})();
