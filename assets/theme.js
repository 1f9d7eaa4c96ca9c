/* Runs before anything is painted: the reader's theme and separators, else the device's, so that no page flashes. */
(function () {
  const root = document.documentElement;
  if (window.parapetLook) return;

  function stored() {
    try {
      return window.localStorage.getItem("theme");
    } catch (blocked) {
      return null;
    }
  }

  function theme() {
    const light = window.matchMedia && window.matchMedia("(prefers-color-scheme: light)").matches;
    return [root.dataset.chosen, stored(), light ? "light" : "dark"].find((one) => one === "light" || one === "dark");
  }

  /* The separators of this browser's language, by the name of the one that is nearest. */
  function separators() {
    const parts = new Intl.NumberFormat(window.navigator.language).formatToParts(1234567.8);
    const sign = (type) => (parts.find((part) => part.type === type) || { value: "" }).value;
    if (sign("decimal") === ",") return sign("group") === "." ? "point-comma" : "space-comma";
    return /['’]/.test(sign("group")) ? "apostrophe-point" : "comma-point";
  }

  const SIGNS = { "point-comma": ".,", "space-comma": "\u202f,", "apostrophe-point": "’." };

  window.parapetLook = {
    /* Put on what the root element says. */
    wear() {
      root.dataset.theme = theme();
      this.numbers = root.dataset.numbers || separators();
      this.signs = SIGNS[this.numbers];
      this.zone = root.dataset.zone || undefined;
    },

    /* What decides a drawing: `light blue-orange point-comma`. */
    text() {
      const numbers = this.numbers === "comma-point" ? "" : this.numbers;
      return [root.dataset.theme, root.dataset.palette, numbers].filter(Boolean).join(" ");
    },

    /* A number as en-US writes it, in the reader's separators. */
    write(text) {
      const { signs } = this;
      return signs ? text.replace(/[,.]/g, (sign) => (sign === "," ? signs[0] : signs[1])) : text;
    },
  };
  window.parapetLook.wear();
})();
