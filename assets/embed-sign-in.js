/* The window at which a reader signed in for a portal's frame: its code goes to that frame, which is of this very origin. */
(function () {
  if (!window.opener) return;
  window.opener.postMessage({ parapet: 1, type: "code", code: document.documentElement.dataset.code }, window.location.origin);
  window.close();
})();
