/* A click on a mark narrows the page by what the mark stands for, in the address; a second click takes it away. */
(function () {
  const NAMELESS = ["", "none", "None", "nan"];
  const TWICE = 300; // milliseconds in which a second click on a zoomed chart means "zoom out"
  let waiting = 0;

  /* The query with the wanted choices, "" taking one away; without the innermost of them where all are there already. */
  function toggled(wanted) {
    const query = new URLSearchParams(window.location.search);
    const names = Object.keys(wanted);
    if (names.every((name) => (query.get(name) || "") === wanted[name])) {
      const innermost = names.filter((name) => wanted[name]).pop();
      if (innermost) query.delete(innermost);
    } else {
      names.forEach((name) => (wanted[name] ? query.set(name, wanted[name]) : query.delete(name)));
    }
    if (query.has("as_of") && query.get("vs") >= query.get("as_of")) query.delete("vs");
    return query;
  }

  function address(wanted) {
    const text = toggled(wanted).toString();
    return `${window.location.pathname}${text ? `?${text}` : ""}${window.location.hash}`;
  }

  function narrow(wanted) {
    window.clearTimeout(waiting);
    window.parapet.go(address(wanted));
  }

  /* What a mark of a chart narrows, from its trace's `meta`; nothing for a mark without. */
  function wantedBy(point) {
    const { cross, down, across } = (point.data && point.data.meta) || {};
    if (cross) return cross[point.pointNumber] || null;
    if (!down) return null;
    const [row, column] = point.pointNumber;
    return down[row] || across[column] ? { ...down[row], ...across[column] } : null;
  }

  function click(chart, event) {
    const point = event.points.find(wantedBy);
    if (!point) return;
    const axis = chart._fullLayout.xaxis;
    const zoomed = axis && axis.autorange === false && point.data.type !== "heatmap";
    window.clearTimeout(waiting);
    if (zoomed) waiting = window.setTimeout(() => narrow(wantedBy(point)), TWICE);
    else narrow(wantedBy(point));
  }

  function listen(chart) {
    if (!chart.on || chart._crossed === chart._ev) return;
    chart._crossed = chart._ev;
    const over = (on) => chart.toggleAttribute("data-crossing", on);
    chart.on("plotly_hover", (event) => over(event.points.some(wantedBy)));
    chart.on("plotly_unhover", () => over(false));
    chart.on("plotly_click", (event) => click(chart, event));
    chart.on("plotly_doubleclick", () => window.clearTimeout(waiting));
    chart.on("plotly_treemapclick", (event) => {
      click(chart, event);
      return false; // plotly would open the part in place
    });
  }

  const within = (changes) => new Set(changes.map(({ target }) => target.closest && target.closest(".js-plotly-plot")));
  new MutationObserver((changes) => within(changes).forEach((chart) => chart && listen(chart))).observe(document.documentElement, {
    childList: true,
    subtree: true,
  });

  /* The name of a row as a link that narrows the page to it. */
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.Narrow = function (props) {
    const text = props.valueFormatted || props.value;
    if (props.node.rowPinned || NAMELESS.includes(String(props.value ?? ""))) return text;
    const wanted = { [props.by]: String(props.value) };
    const on = Boolean(props.data._chosen);
    const renew = (event) => (event.currentTarget.href = address(wanted));
    const follow = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      narrow(wanted);
    };
    return window.React.createElement(
      "a",
      {
        className: on ? "narrow on" : "narrow",
        href: address(wanted),
        tabIndex: -1,
        title: on ? `Leave ${text}` : `Narrow to ${text}`,
        "aria-current": on || undefined,
        onClick: follow,
        onPointerEnter: renew,
        onFocus: renew,
      },
      text,
    );
  };

  document.addEventListener("keydown", (event) => {
    const cell = event.key === "Enter" && document.activeElement && document.activeElement.closest(".ag-cell");
    const link = cell && cell.querySelector("a.narrow");
    if (link && link !== document.activeElement) link.click();
  });
})();
