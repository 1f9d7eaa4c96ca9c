/* For portals: shows a page of Parapet in a frame, signed in by tokens of the portal's own back end. No dependencies.

     const view = Parapet.embed(document.querySelector("#risk"), {
       base: "https://parapet.example.com",   // where Parapet is
       page: "var",                           // which of its pages
       token: async ({ page }) => …,          // asks your back end for a signed token; leave it out to sign in at a window
       theme: "light",                        // or "dark"
       filters: { desk: "Vol" },              // what the page begins with
       onFilters: (filters) => …,             // the reader narrowed the page
       onHeight: (height) => …,               // the frame was made so high; leave it out to follow by itself
       onError: (message) => …,
     });
     view.setTheme("dark"); view.setFilters({ desk: "FX" }); view.remove();

   The messages are described in docs/embedding.md. */
(function () {
  const VERSION = 1;

  function embed(element, options) {
    const { base, page, token, filters, onFilters, onHeight, onError } = options;
    const root = base.replace(/\/$/, "");
    const { origin } = new URL(root);
    const frame = document.createElement("iframe");
    let theme = options.theme;

    const post = (type, more) => frame.contentWindow.postMessage({ parapet: VERSION, type, ...more }, origin);

    async function supply(first) {
      const more = { theme, ...(first ? { filters } : {}) };
      if (!token) return post("popup", more);
      try {
        post("token", { token: await token({ page }), ...more });
      } catch (failed) {
        post("refused", { message: "The portal could not sign you in." });
        if (onError) onError(String((failed && failed.message) || failed));
      }
    }

    const heard = {
      ready: () => supply(true),
      renew: () => supply(false),
      height({ height }) {
        if (!Number.isFinite(height)) return;
        frame.style.height = `${height}px`;
        if (onHeight) onHeight(height);
      },
      filters: (message) => onFilters && onFilters(message.filters),
      error: (message) => onError && onError(String(message.message)),
    };

    function listen(event) {
      if (event.source !== frame.contentWindow || event.origin !== origin) return;
      const message = event.data;
      if (!message || message.parapet !== VERSION || !Object.hasOwn(heard, message.type)) return;
      heard[message.type](message);
    }

    window.addEventListener("message", listen);
    frame.title = options.title || "Parapet";
    frame.referrerPolicy = "no-referrer";
    frame.allow = "clipboard-write; fullscreen";
    frame.style.cssText = "width: 100%; height: 480px; border: 0; display: block";
    frame.src = `${root}/embed/${encodeURIComponent(page)}`;
    element.append(frame);

    return {
      frame,
      setTheme(wanted) {
        theme = wanted;
        post("theme", { theme });
      },
      setFilters: (wanted) => post("filters", { filters: wanted }),
      remove() {
        window.removeEventListener("message", listen);
        frame.remove();
      },
    };
  }

  window.Parapet = { embed };
})();
