/* A page inside a portal's frame: asks the portal for a token, keeps the bearer in memory, shows it with every request. */
(function () {
  const root = document.documentElement;
  if (!("embedded" in root.dataset) || window.parapetEmbed) return;
  const VERSION = 1;
  const PATIENCE = 30000; // milliseconds that the portal may take for a token
  const AGAIN = 2000; // milliseconds after which a portal that was not listening is told anew
  const EARLY = 5000; // milliseconds before its end in which a bearer is not used any more
  const portals = JSON.parse(root.dataset.portals); // origin → name where readers may sign in at a window, or ""
  const base = window.location.pathname.replace(/[^/]*$/, "");
  const page = window.location.pathname.slice(base.length);
  const plain = window.fetch.bind(window);
  let portal = ""; // the origin of the frame's parent, once it has spoken
  let bearer = { shown: "", until: 0 };
  let fixed = {};
  let renewing = null;
  let waiting = null; // who is told of the next token
  let said = ""; // the choices that the portal knows of, as JSON
  let height = 0;

  /* To the parent alone, and only if it is one of the portals: before it has spoken, the browser compares the origin. */
  function tell(type, more) {
    const above = window.location.ancestorOrigins && window.location.ancestorOrigins[0];
    const origins = portal ? [portal] : Object.keys(portals).filter((one) => !above || one === above);
    origins.forEach((origin) => window.parent.postMessage({ parapet: VERSION, type, ...more }, origin));
  }

  function notice(title, text, button, action) {
    const old = document.getElementById("frame-notice");
    if (old) old.remove();
    if (!title) return;
    const box = document.createElement("div");
    box.id = "frame-notice";
    box.setAttribute("role", "alert");
    [["b", title], ["p", text]].forEach(([tag, words]) => {
      box.append(Object.assign(document.createElement(tag), { textContent: words }));
    });
    if (button) {
      const control = Object.assign(document.createElement("button"), { textContent: button, className: "chip", onclick: action });
      box.append(control);
    }
    document.body.append(box);
  }

  function lost(problem) {
    tell("error", { message: problem.message });
    if (!document.querySelector("#frame-notice button")) {
      notice("This view is closed", problem.message, "Try again", () => window.location.reload());
    }
    throw problem;
  }

  /* The portal's next token, or the code of a reader who signed in at a window. */
  function asked() {
    return new Promise((done, failed) => {
      const late = window.setTimeout(() => end(failed)(new Error("The portal did not answer; reload its page.")), PATIENCE);
      const again = window.setInterval(() => portal || tell("ready", { page }), AGAIN);
      function end(next) {
        return (value) => {
          window.clearTimeout(late);
          window.clearInterval(again);
          waiting = null;
          next(value);
        };
      }
      waiting = { done: end(done), failed: end(failed), patient: () => window.clearTimeout(late) };
      tell(bearer.shown ? "renew" : "ready", { page });
    });
  }

  async function exchanged(credential) {
    const body = JSON.stringify({ ...credential, page });
    const headers = { "Content-Type": "application/json" };
    const answer = await plain(`${base}exchange`, { method: "POST", credentials: "omit", headers, body });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error((told.error && told.error.message) || `The exchange answered ${answer.status}.`);
    bearer = { shown: told.bearer, until: Date.now() + told.seconds * 1000 - EARLY };
    fixed = told.filters;
    notice();
    choose({ ...chosen(), ...fixed });
  }

  function renewed() {
    renewing = renewing || asked().then(exchanged).catch(lost).finally(() => (renewing = null));
    return renewing;
  }

  async function current() {
    if (renewing || bearer.until < Date.now()) await renewed();
    return bearer.shown;
  }

  /* Every request to the app shows the bearer and no cookie; one that comes too late is asked again with a new one. */
  window.fetch = async function (input, options) {
    const request = new Request(input, options);
    if (new URL(request.url).origin !== window.location.origin) return plain(request);
    const send = (shown) => {
      const headers = new Headers(request.headers);
      headers.set("Authorization", `Bearer ${shown}`);
      return plain(new Request(request.clone(), { headers, credentials: "omit" }));
    };
    const first = await current();
    let answer = await send(first);
    if (answer.status === 401) {
      if (bearer.shown === first) bearer.until = 0;
      answer = await send(await current());
    }
    if (answer.status === 401 || answer.status === 403) {
      const told = await answer.clone().json().catch(() => ({}));
      if (!told.response) notice("Not open to you", (told.error && told.error.message) || "Ask whoever looks after this portal.");
    }
    return answer;
  };

  const chosen = () => Object.fromEntries(new URLSearchParams(window.location.search));

  /* Put the page under these choices; what is fixed stays. */
  function choose(filters) {
    const wanted = Object.entries({ ...filters, ...fixed }).filter(([, value]) => typeof value === "string" && value);
    const query = new URLSearchParams(wanted).toString();
    said = JSON.stringify(Object.fromEntries(wanted.sort()));
    if (query === window.location.search.slice(1)) return;
    const address = window.location.pathname + (query ? `?${query}` : "");
    if (window.parapet && document.getElementById("page")) window.parapet.go(address);
    else window.history.replaceState({}, "", address);
  }

  /* Whatever leads to other choices, what is fixed comes along. */
  const push = window.history.pushState.bind(window.history);
  window.history.pushState = (state, title, address) => {
    const wanted = new URL(address, window.location.href);
    Object.entries(fixed).forEach(([name, value]) => wanted.searchParams.set(name, value));
    push(state, title, wanted);
  };

  function wear(theme) {
    if (theme !== "light" && theme !== "dark") return;
    root.dataset.chosen = theme;
    window.parapetLook.wear();
    if (document.getElementById("page")) window.dash_clientside.set_props("theme", { data: window.parapetLook.text() });
  }

  const heard = {
    theme: ({ theme }) => wear(theme),
    filters: ({ filters }) => filters && typeof filters === "object" && choose(filters),
    refused: ({ message }) => waiting && waiting.failed(new Error(String(message || "The portal gave no token."))),
    token({ token, theme, filters }) {
      if (!waiting || typeof token !== "string") return;
      wear(theme);
      heard.filters({ filters });
      waiting.done({ token });
    },
    popup({ theme, filters }) {
      if (!waiting || !portals[portal]) return;
      wear(theme);
      heard.filters({ filters });
      waiting.patient();
      notice("Sign in to see this page", "A window of Parapet opens for it.", "Sign in", signIn);
    },
  };

  let opened = null; // the window at which the reader signs in

  function signIn() {
    const query = new URLSearchParams({ page, portal: portals[portal] });
    opened = window.open(`${base}sign-in?${query}`, "parapet-sign-in", "popup,width=520,height=680");
  }

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (!message || message.parapet !== VERSION) return;
    if (opened && event.source === opened && event.origin === window.location.origin) {
      if (message.type === "code" && waiting) waiting.done({ code: String(message.code) });
      return;
    }
    if (event.source !== window.parent || event.source === window || !(event.origin in portals)) return;
    portal = event.origin;
    if (Object.hasOwn(heard, message.type)) heard[message.type](message);
  });

  async function download(link) {
    const answer = await window.fetch(link.href);
    if (!answer.ok) return;
    const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await answer.blob());
    file.download = named ? named[1] : "";
    file.click();
    window.setTimeout(() => URL.revokeObjectURL(file.href), 10000);
  }

  /* A link cannot carry the bearer: files are fetched; other pages and the drawer are not here. */
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest && event.target.closest("a[href]");
      if (!link || link.protocol === "blob:") return;
      const file = link.pathname.startsWith(`${base}export/`);
      const here = link.pathname === window.location.pathname && (!link.hash || link.hash.startsWith("#expand="));
      if (file) download(link).catch(() => {});
      if (here && !file) return;
      event.preventDefault();
      if (!file) event.stopPropagation();
    },
    true,
  );

  function measure() {
    const now = Math.ceil(document.body.getBoundingClientRect().height);
    if (now === height || !portal) return;
    height = now;
    tell("height", { height });
  }

  window.parapetEmbed = { version: VERSION };
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.embed = {
    wear: () => window.parapetLook.text(),

    /* The portal hears of what its reader chose, and not of what it chose itself. */
    told() {
      window.parapet.ask();
      const now = JSON.stringify(Object.fromEntries(Object.entries(chosen()).sort()));
      if (now !== said) tell("filters", { filters: chosen() });
      said = now;
      return window.dash_clientside.no_update;
    },
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (window.parent === window) {
      notice("This page is for portals", "It shows numbers only in a frame of a portal; open Parapet itself instead.");
      return;
    }
    new ResizeObserver(measure).observe(document.body);
    renewed().then(measure, () => {});
  });
})();
