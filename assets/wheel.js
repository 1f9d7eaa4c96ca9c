/* Lists longer than a browser can lay out: there a pixel of the scrollbar stands for many rows. The wheel moves by rows all
   the same, as in any other list. */
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const PIXELS = [1, 28, 600]; // of a wheel's unit: pixels, lines, pages
  const heard = new WeakSet(); // the lists whose wheel is heard already

  /* How many pixels of rows one pixel of the scrollbar stands for. */
  function stretched(api, view) {
    const rows = api.getDisplayedRowCount() * api.getSizesForCurrentTheme().rowHeight;
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
      rest += (event.deltaY * PIXELS[event.deltaMode]) / times;
      const whole = Math.trunc(rest);
      rest -= whole;
      view.scrollTop += whole;
    };
    view.addEventListener("wheel", turn, { passive: false });
  };
})();
