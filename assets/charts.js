/* Charts after numbers: plotly is fetched once the tiles and tables of the page stand, and each chart waits for it. */
(function () {
  const PATIENCE = 1500; // milliseconds that a slow panel may hold up the charts of the others
  const address = document.documentElement.dataset.charts;
  if (!address || window.Plotly) return;
  let coming = null;

  const standing = () =>
    !document.querySelector(".panel .skeleton") &&
    [...document.querySelectorAll(".panel .grid")].every((grid) => grid.querySelector(".ag-cell, .ag-overlay-no-rows-wrapper"));

  function numbers() {
    return new Promise((done) => {
      const look = () => standing() && finish();
      const seen = new MutationObserver(look);
      const late = window.setTimeout(finish, PATIENCE);
      function finish() {
        seen.disconnect();
        window.clearTimeout(late);
        window.requestAnimationFrame(() => window.setTimeout(done)); // after what stands is painted
      }
      seen.observe(document.body, { childList: true, subtree: true });
      look();
    });
  }

  function fetched() {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => done();
      script.onerror = () => failed(new Error("the charts could not be loaded; reload the page"));
      document.body.appendChild(script);
    });
  }

  /* What Dash's graph waits for; plotly itself takes this place when it arrives. */
  window.Plotly = {
    then(done, failed) {
      coming = coming || numbers().then(fetched);
      coming.then(done, failed);
    },
  };
})();
