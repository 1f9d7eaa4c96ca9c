/* Runs before anything is painted: the stored theme, else the system's, so that no page flashes in the wrong one. */
(function () {
  const root = document.documentElement;
  if (root.dataset.theme) return;
  let stored = null;
  try {
    stored = window.localStorage.getItem("theme");
  } catch (blocked) {
    stored = null;
  }
  const light = window.matchMedia && window.matchMedia("(prefers-color-scheme: light)").matches;
  root.dataset.theme = stored === "light" || stored === "dark" ? stored : light ? "light" : "dark";
})();
