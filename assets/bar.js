/* What a narrow bar has no room for opens under its last button. */
(function () {
  const root = document.documentElement;

  function turn(open) {
    const button = document.getElementById("bar-more");
    root.toggleAttribute("data-more", open);
    if (button) button.setAttribute("aria-expanded", String(open));
  }

  document.addEventListener("click", (event) => {
    const on = (css) => event.target.closest && event.target.closest(css);
    if (on("#bar-more")) turn(!root.hasAttribute("data-more"));
    else if (!on(".top") || on("#theme-switch, .list a")) turn(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.hasAttribute("data-more") || document.querySelector("details.menu[open]")) return;
    turn(false);
    document.getElementById("bar-more").focus();
    event.stopPropagation();
  }, true);
})();
