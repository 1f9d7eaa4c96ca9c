/* The homes: titles that lead on to a page with the reader's choices, and how many limits are in breach. */
(function () {
  const carrier = (event) => event.target.closest && event.target.closest("a[data-carries]");

  /* The address is written when it is about to be used, so that it holds the choices of that moment. */
  for (const kind of ["pointerover", "pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const link = carrier(event);
      if (link) link.href = link.dataset.carries + window.location.search;
    });
  }
  document.addEventListener("click", (event) => {
    const link = carrier(event);
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    window.parapet.go(link.dataset.carries + window.location.search);
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.homes = {
    badge(breaches) {
      window.requestAnimationFrame(() => {
        const mark = document.getElementById("limits-breaches");
        if (!mark) return;
        const said = document.createElement("span");
        said.className = "unseen";
        said.textContent = " in breach";
        mark.replaceChildren(...(breaches ? [String(breaches), said] : []));
      });
    },
  };
})();
