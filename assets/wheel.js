/* Lists longer than a browser can lay out: there a pixel of the scrollbar stands for many rows. The wheel moves by rows all
   the same, as in any other list. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const heard = new WeakSet(); // the lists whose wheel is heard already

  const rowHeight = (api) => api.getSizesForCurrentTheme().rowHeight;

  /* How many pixels of rows one pixel of the scrollbar stands for. */
  function stretched(api, view) {
    const rows = api.getDisplayedRowCount() * rowHeight(api);
    return (rows - view.clientHeight) / Math.max(1, view.scrollHeight - view.clientHeight);
  }

  functions.wheelByRows = function ({ api }, panel) {
    const view = document.querySelector(`#${panel} .ag-body-viewport`);
    if (!view || heard.has(view)) return;
    heard.add(view);
    let rest = 0; // of a pixel, kept until there is a whole one
    const turn = (event) => {
      const times = stretched(api, view);
      if (times < 1.01 || event.ctrlKey || event.shiftKey || !event.deltaY) return;
      event.preventDefault();
      const units = [1, rowHeight(api), view.clientHeight]; // of a wheel: pixels, lines, pages
      rest += (event.deltaY * units[event.deltaMode]) / times;
      const whole = Math.trunc(rest);
      rest -= whole;
      view.scrollTop += whole;
    };
    view.addEventListener("wheel", turn, { passive: false });
  };
})();
