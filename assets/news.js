/* The dot on the reader's menu: shown until "What's new" has been opened in the present release. */
(function () {
  const KEY = "news";

  function seen(release) {
    try {
      if (release) window.localStorage.setItem(KEY, release);
      return window.localStorage.getItem(KEY);
    } catch (blocked) {
      return "blocked";
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.news = {
    dot(hash, release) {
      const open = new URLSearchParams((hash || "").slice(1)).has("news");
      const known = seen(open ? release : "");
      document.documentElement.toggleAttribute("data-news", known !== "blocked" && known !== release);
      return window.dash_clientside.no_update;
    },
  };
})();
