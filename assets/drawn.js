/* Trees of components drawn by React alone, and the panel around them: what changes in them changes in place. */
(function () {
  const el = (...given) => window.React.createElement(...given);
  const unheard = () => {};

  function follow(event) {
    const { href, target } = event.currentTarget;
    if (target || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.parapet.go(href);
    window.scrollTo(0, 0);
  }

  /* `asked` is the query of the numbers on screen, null while there are none. */
  function draw(node, asked) {
    if (node === null || node === undefined || typeof node !== "object") return node;
    const { children, ...props } = node.props;
    if (props["data-of"] && asked === null) return null;
    const inside = [].concat(children).map((child) => draw(child, asked));
    if (props["data-asks"] && asked) props[props["data-asks"]] += `?${asked}`;
    if (node.namespace === "dash_html_components") return el(node.type.toLowerCase(), props, ...inside);
    if (node.type === "Input") return el("input", props);
    if (node.type === "Link") return el("a", { ...props, href: window.dash_clientside.clean_url(props.href), onClick: follow }, ...inside);
    return el(window[node.namespace][node.type], { ...props, key: props.id, setProps: unheard }, ...inside);
  }

  const drawn = (tree, asked) => el(window.React.Fragment, null, ...[].concat(tree).map((node) => draw(node, asked)));
  const Tree = ({ tree, asked }) => window.React.useMemo(() => drawn(tree, asked), [tree, asked]);

  const PATIENCE = 600; // milliseconds that a slow panel may hold up the charts of the others
  const isChart = (tree) => Boolean(tree && tree.props.children && tree.props.children.type === "Graph");

  /* Once no panel waits for its numbers any more and they are painted; the function returned gives up. */
  function afterNumbers(then) {
    const until = performance.now() + PATIENCE;
    let timer = window.setTimeout(function look() {
      const waits = document.querySelector(".panel > .body[data-dash-is-loading]:not([data-redrawn])");
      if (waits && performance.now() < until) timer = window.setTimeout(look, 16);
      else window.requestAnimationFrame(() => (timer = window.setTimeout(then)));
    });
    return () => window.clearTimeout(timer);
  }

  /* The tree to draw: a chart that replaces a chart comes after the numbers, for it takes longer than all of them. */
  function useDue(body) {
    const [due, draws] = window.React.useState(body);
    const late = body !== due && isChart(body) && isChart(due);
    window.React.useEffect(() => (late ? afterNumbers(() => draws(body)) : draws(body)), [body, late]);
    return [late ? due : body, late];
  }

  function Panel(props) {
    const loading = window.dash_component_api.useDashContext().useLoading();
    const { id, className, style, label, kind, head, actions, unit, notice, body, state, shown, children } = props;
    const [due, late] = useDue(body);
    const given = children || (due ? el(Tree, { tree: due }) : el("div", { className: `skeleton ${kind}` }));
    const waits = { "data-dash-is-loading": loading || late || undefined, "data-redrawn": late || undefined };
    return el(
      "section",
      { id, className, style, "aria-label": label },
      el(
        "header",
        null,
        el(Tree, { tree: head }),
        el("span", { id: `${id}-unit`, className: "unit" }, unit),
        el("span", { id: `${id}-notice`, className: "notice", role: "status" }, drawn(notice)),
        el("span", { className: "actions" }, el(Tree, { tree: actions, asked: shown ? shown.query : null })),
      ),
      el("div", { id: `${id}-body`, className: state ? `body ${state}` : "body", ...waits }, given),
    );
  }

  window.parapet_drawn = { Drawn: Tree, Panel };
})();
