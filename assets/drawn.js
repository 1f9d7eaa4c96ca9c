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

  function draw(node) {
    if (node === null || node === undefined || typeof node !== "object") return node;
    const { children, ...props } = node.props;
    const inside = [].concat(children).map(draw);
    if (node.namespace === "dash_html_components") return el(node.type.toLowerCase(), props, ...inside);
    if (node.type === "Input") return el("input", props);
    if (node.type === "Link") return el("a", { ...props, href: window.dash_clientside.clean_url(props.href), onClick: follow }, ...inside);
    return el(window[node.namespace][node.type], { ...props, key: props.id, setProps: unheard }, ...inside);
  }

  const drawn = (tree) => el(window.React.Fragment, null, ...[].concat(tree).map(draw));
  const Tree = (props) => window.React.useMemo(() => drawn(props.tree), [props.tree]);

  function Panel(props) {
    const loading = window.dash_component_api.useDashContext().useLoading();
    const { id, className, style, label, kind, head, actions, unit, notice, body, state, children } = props;
    const given = children || (body ? el(Tree, { tree: body }) : el("div", { className: `skeleton ${kind}` }));
    return el(
      "section",
      { id, className, style, "aria-label": label },
      el(
        "header",
        null,
        el(Tree, { tree: head }),
        el("span", { id: `${id}-unit`, className: "unit" }, unit),
        el("span", { id: `${id}-notice`, className: "notice", role: "status" }, drawn(notice)),
        el("span", { className: "actions" }, el(Tree, { tree: actions })),
      ),
      el("div", { id: `${id}-body`, className: state ? `body ${state}` : "body", "data-dash-is-loading": loading || undefined }, given),
    );
  }

  window.parapet_drawn = { Drawn: Tree, Panel };
})();
