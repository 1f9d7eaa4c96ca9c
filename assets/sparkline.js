/* A small line in a cell: numbers in one text, separated by blanks, from the first to the last; `x` is a hole. */
(function () {
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const element = (...parts) => window.React.createElement(...parts);
  const WIDTH = 64;
  const HEIGHT = 18;
  const EDGE = 2;

  /* What the line says to who does not see it: of a sum where it ended, of a number where from, where to and how far. */
  function told(values, known, { kind, divisor, decimals, label }) {
    const last = known[known.length - 1];
    if (!kind) return `${last < 0 ? "−" : "+"}${Math.abs(last).toLocaleString("en-US")} in ${values.length} days`;
    const write = (value) => window.dashAgGridFunctions.number({ value }, divisor, decimals, kind === "result", divisor === 0.01 ? "%" : "");
    return `${label}, last ${values.length} days: from ${write(known[0])} to ${write(last)}, lowest ${write(Math.min(...known))}, highest ${write(Math.max(...known))}`;
  }

  components.Trend = function (props) {
    const values = String(props.value || "").replaceAll("−", "-").split(" ").filter(Boolean).map(Number);
    const known = values.filter((value) => !Number.isNaN(value));
    if (known.length < 2) return null;
    const level = props.kind === "level"; // its own range counts, not its distance from nothing
    const low = Math.min(...(level ? known : [0, ...known]));
    const span = Math.max(...(level ? known : [0, ...known])) - low || 1;
    const x = (place) => EDGE + (place / (values.length - 1)) * (WIDTH - 2 * EDGE);
    const y = (value) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
    const runs = [[]];
    values.forEach((value, place) => (Number.isNaN(value) ? runs.push([]) : runs[runs.length - 1].push(`${x(place).toFixed(1)},${y(value).toFixed(1)}`)));
    const last = known[known.length - 1];
    const end = values.lastIndexOf(last);
    const said = told(values, known, props);
    return element(
      "svg",
      { className: `trend ${level ? "level" : last < 0 ? "loss" : "gain"}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said },
      element("title", null, said),
      level ? null : element("line", { x1: EDGE, x2: WIDTH - EDGE, y1: y(0), y2: y(0) }),
      ...runs.filter((run) => run.length).map((run, key) => element("polyline", { key, points: run.join(" ") })),
      element("circle", { cx: x(end), cy: y(last), r: 1.6 }),
    );
  };
})();
