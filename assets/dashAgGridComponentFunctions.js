/* The cells of the grids that are more than text: the name in a tree, a bar beside its number, a limit and its state. */
(function () {
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const element = (...parts) => window.React.createElement(...parts);

  components.TreeName = function (props) {
    const { tree, keys, drill } = props;
    const path = props.data._path;
    if (!path) return element("span", { className: "tree-name" }, "Total");
    const functions = window.dashAgGridFunctions;
    const names = path.split("\t");
    const open = functions.treeIsOpen(tree, props.data);
    const toggle = () => functions.treeToggle(props.api, props.node, tree);
    const mark = props.data._more
      ? element(
          "button",
          {
            className: "twist",
            tabIndex: -1,
            "aria-expanded": open,
            "aria-label": `${open ? "Close" : "Open"} ${names[names.length - 1]}`,
          },
          open ? "▾" : "▸",
        )
      : element("span", { className: "twist" });
    const name = element("span", { className: "tree-text" }, names[names.length - 1]);
    const opens = (document.documentElement.dataset.opens || "").split(" ");
    const link = opens.includes(drill) && !props.data._folded && element(DrillLink, { drill, keys, names });
    return element(
      "span",
      { className: `tree-name level-${names.length}${props.data._more ? " more" : ""}`, onClick: toggle, title: names.join(" › ") },
      mark,
      name,
      link,
    );
  };

  function DrillLink({ drill, keys, names }) {
    const href = () => {
      const query = new URLSearchParams(window.location.search);
      names.forEach((name, level) => query.set(keys[level], name));
      return `${drill}?${query}`;
    };
    const aim = (event) => (event.currentTarget.href = href()); // the address may have changed since this was drawn
    const follow = (event) => {
      event.stopPropagation();
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      window.parapet.go(href());
    };
    const heard = { onClick: follow, onMouseEnter: aim, onFocus: aim };
    return element("a", { className: "drill", href: href(), ...heard, "aria-label": `Open ${names[names.length - 1]}` }, "→");
  }

  components.Bar = function (props) {
    const { value, valueFormatted, of, signed } = props;
    if (value === null || value === undefined) return valueFormatted;
    const width = `calc(100% * ${Math.abs(value)} / var(--largest-${of}))`;
    const kind = signed ? (value < 0 ? " loss" : " gain") : value < 0 ? " less" : "";
    return element(
      "span",
      { className: "barred" },
      element("span", { className: `bar${kind}`, "aria-hidden": true }, element("i", { style: { width } })),
      element("span", { className: "share", style: { minWidth: `var(--digits-${of})` } }, valueFormatted),
    );
  };

  /* A word that judges, with a shape for those who do not see its colour; any other word is a warning. */
  const SHAPES = { breach: "▲", warning: "◆", ok: "✓", unknown: "?" };
  const TONES = { red: "breach", fail: "breach", amber: "warning", green: "ok", pass: "ok" };

  components.Verdict = function (props) {
    if (!props.value) return "";
    const tone = TONES[props.value] || (props.value in SHAPES ? props.value : "warning");
    if (props.bare) {
      return element("span", { className: `verdict ${tone}`, title: props.value, role: "img", "aria-label": props.value }, element("i", null, SHAPES[tone]));
    }
    return element(
      "span",
      { className: `verdict ${tone}`, title: props.data.reason || undefined },
      element("i", { "aria-hidden": true }, SHAPES[tone]),
      ` ${props.value}`,
    );
  };

  const ROOM = 1.25; // the bar of a limit ends at 125% of the hard level

  components.Utilisation = function (props) {
    const { soft, hard, state, reason } = props.data;
    if (props.value === null || props.value === undefined) {
      return element("span", { className: "faint", title: reason || undefined }, reason || "–");
    }
    const at = (share) => `${Math.min(1, share / ROOM) * 100}%`;
    const mark = (kind, share) => element("b", { className: kind, style: { left: at(share) } });
    return element(
      "span",
      { className: "barred" },
      element(
        "span",
        { className: `bar use ${state}`, "aria-hidden": true },
        element("i", { style: { width: at(props.value) } }),
        soft && hard ? mark("soft", soft / hard) : null,
        mark("hard", 1),
      ),
      props.shaped ? element("i", { className: `shape ${state}`, role: "img", "aria-label": state }, state === "ok" ? "" : SHAPES[state]) : null,
      element("span", { className: "share", style: { minWidth: "6ch" } }, props.valueFormatted),
    );
  };
})();
