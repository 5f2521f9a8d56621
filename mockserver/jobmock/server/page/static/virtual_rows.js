/** A long list of which only the visible rows are in the document. */

const NEAR_END = 4;

/**
 * Return the list. `before` and `after` are empty elements around the rows. `key(item)` names an item, `create(item)`
 * makes its row, `refresh(row, item, index)` fills it. All rows have the same height, but for the `opened()` item's.
 * While `followsEnd()`, the list stays at its end, until the user scrolls away from there.
 */
export function virtualRows(scroller, before, after, { key, create, refresh, opened, followsEnd, height = 40, extraRows = 6 }) {
  const rows = new Map();
  let [items, openedHeight, isAtEnd, lastTop] = [[], 0, true, 0];

  const row = (id) => rows.get(id)?.node;

  const distance = () => before.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  /** Measure the rows. Heights have fractions: the sum of rounded ones would be wrong by whole rows. */
  function measure() {
    const open = opened?.();
    const usual = [...rows.values()].find(({ item }) => item !== open);
    height = usual?.node.getBoundingClientRect().height || height;
    openedHeight = (open && row(key(open))?.getBoundingClientRect().height) || openedHeight;
    const index = open ? items.indexOf(open) : -1;
    return [index, index < 0 ? 0 : Math.max(0, openedHeight - height)];
  }

  function draw(redraw = false) {
    const [open, extra] = measure();
    const end = (open + 1) * height;
    const indexAt = (y) => Math.floor((y > end ? Math.max(end, y - extra) : y) / height);
    const top = -distance();
    const first = Math.max(0, Math.min(indexAt(top), items.length) - extraRows);
    const last = Math.min(items.length, indexAt(top + scroller.clientHeight) + 1 + extraRows);
    const hidden = (from, to) => `${(to - from) * height + (open >= from && open < to ? extra : 0)}px`;
    placeRows(items.slice(first, last), first, redraw);
    before.style.height = hidden(0, first);
    after.style.height = hidden(Math.max(first, last), items.length);
  }

  function placeRows(shown, first, redraw) {
    const wanted = new Map(shown.map((item) => [key(item), item]));
    for (const [id, { item, node }] of rows) {
      if (wanted.get(id) === item) continue;
      node.remove();
      rows.delete(id);
    }
    let previous = before;
    shown.forEach((item, index) => {
      const isNew = !rows.has(key(item));
      if (isNew) rows.set(key(item), { item, node: create(item) });
      const node = row(key(item));
      if (isNew || redraw) refresh(node, item, first + index);
      if (previous.nextSibling !== node) previous.after(node);
      previous = node;
    });
  }

  /** Scroll so that an item is visible. */
  function reveal(index) {
    const [open, extra] = measure();
    const { scrollTop, clientHeight } = scroller;
    const above = distance() + scrollTop;
    const top = index * height + (open >= 0 && index > open ? extra : 0);
    const needed = index === open ? height + extra : height;
    if (top >= scrollTop && top + above + needed <= scrollTop + clientHeight) return;
    scroller.scrollTop = top - Math.max(0, clientHeight - above - needed) / 2;
    draw();
  }

  function drawAtEnd(redraw) {
    draw(redraw);
    if (!isAtEnd || !followsEnd?.()) return;
    scroller.scrollTop = scroller.scrollHeight;
    draw();
  }

  /** Only a user goes up: a list that grows, or a window that shrinks, leaves the end below. */
  function scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) isAtEnd = true;
    else if (scrollTop < lastTop) isAtEnd = false;
    lastTop = scrollTop;
    draw();
  }

  scroller.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(() => drawAtEnd()).observe(scroller);

  function show(others) {
    items = others;
    isAtEnd ||= !items.length;
    drawAtEnd(true);
  }

  return { row, draw, reveal, show, items: () => items };
}
