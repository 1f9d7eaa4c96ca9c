/* A small line in a cell: numbers in one text, separated by blanks, from the first to the last. */
(function () {
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const element = (...parts) => window.React.createElement(...parts);
  const WIDTH = 64;
  const HEIGHT = 18;
  const EDGE = 2;

  components.Trend = function (props) {
    const values = String(props.value || "").split(" ").filter(Boolean).map(Number);
    if (values.length < 2) return null;
    const low = Math.min(0, ...values);
    const span = Math.max(0, ...values) - low || 1;
    const x = (place) => EDGE + (place / (values.length - 1)) * (WIDTH - 2 * EDGE);
    const y = (value) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
    const points = values.map((value, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const last = values[values.length - 1];
    const said = `${last < 0 ? "−" : "+"}${Math.abs(last).toLocaleString("en-US")} in ${values.length} days`;
    return element(
      "svg",
      { className: `trend ${last < 0 ? "loss" : "gain"}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said },
      element("title", null, said),
      element("line", { x1: EDGE, x2: WIDTH - EDGE, y1: y(0), y2: y(0) }),
      element("polyline", { points }),
      element("circle", { cx: x(values.length - 1), cy: y(last), r: 1.6 }),
    );
  };
})();
