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

  /* The tree `after` with every part that is as `before` taken from there, so that only what differs is drawn anew.
     A grid's columns grow and do not shrink: they stay where they are from one book to the next. */
  function shared(before, after) {
    if (before === after || !before || !after || typeof before !== "object" || typeof after !== "object") return after;
    if (Array.isArray(before) !== Array.isArray(after)) return after;
    const wanted = after.minWidth && sameColumn(before, after) ? { ...after, ...widest(before, after) } : after;
    const names = Object.keys(wanted);
    const merged = Array.isArray(wanted) ? [] : {};
    names.forEach((name) => (merged[name] = shared(before[name], wanted[name])));
    const alike = names.length === Object.keys(before).length && names.every((name) => merged[name] === before[name]);
    return alike ? before : merged;
  }

  const sameColumn = (before, after) => ["field", "headerName"].every((name) => before[name] === after[name])
    && JSON.stringify(before.valueFormatter) === JSON.stringify(after.valueFormatter);

  const widest = (before, after) =>
    Object.fromEntries(["minWidth", "flex"].filter((size) => before[size] && after[size])
      .map((size) => [size, Math.max(before[size], after[size])]));

  function useShared(tree) {
    const last = window.React.useRef(tree);
    if (tree !== last.current) last.current = shared(last.current, tree);
    return last.current;
  }

  const PATIENCE = 600; // milliseconds that a slow panel may hold up the charts of the others
  const SEEN = 250; // milliseconds after which a panel that waits turns grey
  const isChart = (tree) => Boolean(tree && tree.props.children && tree.props.children.type === "Graph");

  /* Once no panel waits for its numbers any more and they are painted; the function returned gives up. */
  function afterNumbers(then) {
    const until = performance.now() + PATIENCE;
    let timer = window.setTimeout(function look() {
      const waits = document.querySelector("#page:empty, .panel > .body[data-dash-is-loading]:not([data-redrawn])");
      if (waits && performance.now() < until) timer = window.setTimeout(look, 32);
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

  /* What a panel shows, and whether it waits: the newest question's answer, until it comes the last one's. An answer to
     an earlier question that comes late changes nothing. Numbers that could not be renewed stay, as stale, while they
     answer the question. */
  function useAnswer(kept, made) {
    const { current: last } = window.React.useRef({ answer: {} });
    const fits = kept && (kept.body || kept.problem ? kept : made && made.query === kept.query ? made : last.kept === kept && last.answer);
    if (fits) {
      const { answer } = last;
      const renewed = !fits.stale || !answer.at || answer.query !== fits.query;
      Object.assign(last, { kept, answer: renewed ? fits : { ...answer, stale: fits.stale } });
    }
    return [last.answer, !fits];
  }

  /* Whether it waits for so long that this is to be seen; what comes at once changes nothing else on screen. */
  function useSlow(waits) {
    const [slow, says] = window.React.useState(false);
    window.React.useEffect(() => {
      if (!waits) return undefined;
      const timer = window.setTimeout(() => says(true), SEEN);
      return () => {
        window.clearTimeout(timer);
        says(false);
      };
    }, [waits]);
    return waits && slow;
  }

  const unfilter = (id, shown) =>
    el("button", { className: "filtered", title: "Show all rows again; totals are of all rows in any case", "data-unfilter": id }, shown, el("i", null, " ✕"));

  const age = ({ at, stale }) => el("span", { title: stale }, "not refreshed for ", el("span", { "data-at": at }));

  /* Whether numbers are still to be made: none were kept, or they were drawn for another dress than is worn by now. */
  function isMissing(kept) {
    if (!kept || kept.problem) return false;
    return !kept.body || Boolean(kept.dress && kept.dress !== window.parapetLook.text());
  }

  function Panel({ id, className, style, label, kind, head, actions, kept, made, children, setProps }) {
    const loading = window.dash_component_api.useDashContext().useLoading();
    const [answer, waits] = useAnswer(kept, made);
    window.React.useEffect(() => {
      if (isMissing(kept)) setProps({ asked: Date.now() });
    }, [kept]);
    const { query, at, problem } = answer;
    const stale = at && answer.stale;
    const [body, late] = useDue(useShared(problem || answer.body));
    const shown = answer.shown || (body && body.props["data-shown"]);
    const given = body ? el(Tree, { tree: body }) : children || el("div", { className: `skeleton ${kind}` });
    const busy = Boolean(loading || waits || late);
    const slow = useSlow(busy);
    const said = { "data-dash-is-loading": busy || undefined, "data-redrawn": late || undefined, "data-slow": slow || undefined };
    return el(
      "section",
      { id, className, style, "aria-label": label },
      el(
        "header",
        null,
        el(Tree, { tree: head }),
        el("span", { id: `${id}-unit`, className: "unit" }, body && body.props["data-unit"]),
        el("span", { id: `${id}-notice`, className: "notice", role: "status" }, stale ? age(answer) : shown && unfilter(id, shown)),
        el("span", { className: "actions" }, el(Tree, { tree: actions, asked: at ? query : null })),
      ),
      el("div", { id: `${id}-body`, className: stale ? "body stale" : "body", ...said }, given),
    );
  }

  window.parapet_drawn = { Drawn: Tree, Panel, afterNumbers };
})();
