/* How callbacks ask the server: the page's numbers before anything else. And what it answers instead of numbers: a refusal
   is drawn in its own words, and who asks too often waits until he may, with what he has on screen. */
(function () {
  const root = document.documentElement;
  const ask = window.fetch.bind(window);
  const USUAL = 5; // seconds to wait where the server does not say how many
  const DRAWN = 25; // milliseconds in which numbers that have come are drawn
  let until = 0; // the moment from which callbacks may be asked again
  let clock = 0;
  let numbers = Promise.resolve(); // until the last page is answered

  const seconds = () => Math.ceil((until - Date.now()) / 1000);

  function spoken() {
    const left = seconds();
    return left < 90 ? `${left} s` : `${Math.ceil(left / 60)} min`;
  }

  function tell() {
    root.toggleAttribute("data-slowed", seconds() > 0);
    root.style.setProperty("--again", `"${spoken()}"`);
    if (seconds() > 0) return;
    window.clearInterval(clock);
    clock = 0;
    document.getElementById("slowed").remove();
  }

  function slow(pause) {
    until = Math.max(until, Date.now() + pause * 1000);
    if (clock) return;
    const line = Object.assign(document.createElement("p"), { id: "slowed" });
    line.setAttribute("role", "status");
    line.textContent = "This was asked more often than the server allows. What is on screen stays and is asked again in ";
    document.body.append(line);
    clock = window.setInterval(tell, 500);
    tell();
  }

  async function allowed() {
    while (until > Date.now()) await new Promise((go) => window.setTimeout(go, until - Date.now()));
  }

  async function send(input, options) {
    for (;;) {
      await allowed();
      const answer = await ask(input, options);
      if (answer.status === 429) {
        slow(Number(answer.headers.get("Retry-After")) || USUAL);
        continue;
      }
      const told = answer.status === 403 ? await answer.clone().json().catch(() => ({})) : {};
      return told.response ? new Response(answer.body, { headers: answer.headers }) : answer;
    }
  }

  const pause = (time) => new Promise((go) => window.setTimeout(go, time));

  /* What is asked beside the page's numbers, or while they are on their way, waits for them: each makes the other slow. */
  window.fetch = function (input, options) {
    if (!String(input.url || input).includes("/_dash-update-component")) return ask(input, options);
    const first = /"output":"(page\.children|[^"]*\.kept\b)/.test((options || {}).body);
    const answer = first ? send(input, options) : pause(0).then(() => numbers).then(() => send(input, options));
    if (first) numbers = answer.catch(() => {}).then(() => pause(DRAWN));
    return answer;
  };
})();
