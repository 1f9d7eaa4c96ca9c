/* What the components of Dash do not tell a screen reader themselves. */
(function () {
  const NAMELESS = "textarea[title]:not([aria-label]), input[type=file]:not([aria-label])";
  let waiting = 0;

  /* A text area is called by its title, a place for files by what stands in it, a date by the word before it. */
  function name() {
    waiting = 0;
    document.querySelectorAll(NAMELESS).forEach((field) => {
      field.setAttribute("aria-label", field.title || field.parentElement.textContent.trim() || "Choose a file");
    });
    document.querySelectorAll(".dash-datepicker-input-wrapper[aria-expanded]").forEach(plain);
    document.querySelectorAll(".day").forEach((day) => {
      const field = day.querySelector("input"), said = day.querySelector("span").textContent;
      if (field && field.getAttribute("aria-label") !== said) field.setAttribute("aria-label", said);
    });
  }

  /* The frame of a date is no control: its field is, and says what it is. */
  function plain(frame) {
    frame.removeAttribute("aria-expanded");
  }

  const seen = new MutationObserver((changes) => {
    changes.forEach(({ type, target }) => {
      if (type === "attributes" && target.matches(".dash-datepicker-input-wrapper[aria-expanded]")) plain(target);
    });
    waiting = waiting || window.setTimeout(name, 100);
  });
  seen.observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-expanded"] });
})();
