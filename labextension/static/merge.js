// Three versions of a notebook's cells: as it was last read or saved (base), as it's open here (mine), as it's on disk.
// Nothing here knows JupyterLab: a cell is {id, cell_type, source}.

/** Two versions of a text that come from `base`, as one; `null` if both changed the same lines. */
export function mergeText(base, mine, disk) {
  const whole = pick(base, mine, disk);
  if (whole !== null) return whole;
  const [was, here, there] = [base, mine, disk].map(text => text.split("\n"));
  if (was.length === here.length && was.length === there.length) {
    const lines = was.map((line, i) => pick(line, here[i], there[i]));
    return lines.includes(null) ? null : lines.join("\n");
  }
  const [ours, theirs] = [changed(was, here), changed(was, there)];
  if (ours.end > theirs.start && theirs.end > ours.start || ours.start === theirs.start) return null;
  const [first, second] = ours.start < theirs.start ? [ours, theirs] : [theirs, ours];
  return [
    ...was.slice(0, first.start), ...first.lines, ...was.slice(first.end, second.start), ...second.lines,
    ...was.slice(second.end),
  ].join("\n");
}

/** The version of a line or a text that differs from `base`; `null` if both do, each in its own way. */
function pick(base, mine, disk) {
  if (mine === disk || base === disk) return mine;
  return base === mine ? disk : null;
}

/** The one stretch of `was` that a newer text replaces: from `start` up to `end`, by `lines`. Works on strings too. */
export function changed(was, now) {
  let start = 0, end = was.length, last = now.length;
  while (start < end && start < last && was[start] === now[start]) start++;
  while (end > start && last > start && was[end - 1] === now[last - 1]) end--, last--;
  return { start, end, lines: now.slice(start, last) };
}

/** What keeps a second version of a cell: comments, which neither run nor count as an answer. */
export function setAside(cell) {
  const title = /check\(["'](\d\d\.\d\d)["']\)/.exec(cell.source)?.[1] ?? `“${cell.source.trim().split("\n")[0].slice(0, 40)}”`;
  return [
    `# Two versions of ${title}: the one above is from this window, this one was on disk.`,
    "# Copy what you want to keep into the cell above, then delete this cell.",
    "#",
    ...cell.source.split("\n").map(line => `#   ${line}`.trimEnd()),
  ].join("\n");
}

/**
 * What to do to my cells so that they take in what's new on disk.
 *
 * A step is {remove: id}, {id, source} or {insert: cell, after: id} (`null`: at the top). A cell that I changed stays as
 * I have it; where the disk changed it as well and the lines touch, the disk's version is set aside below it.
 */
export function steps(base, mine, disk) {
  const [was, here, there] = [base, mine, disk].map(cells => new Map(cells.map(cell => [cell.id, cell])));
  const [found, aside] = [[], []];
  for (const cell of mine) {
    const old = was.get(cell.id);
    if (old && !there.has(cell.id) && old.source === cell.source) found.push({ remove: cell.id });
  }
  let after = null;
  for (const cell of disk) {
    const [old, own] = [was.get(cell.id), here.get(cell.id)];
    if (!own) {
      if (old && old.source === cell.source) continue; // deleted here
      found.push({ insert: cell, after });
    } else if (own.cell_type === cell.cell_type) {
      const source = mergeText(old?.source ?? "\0", own.source, cell.source);
      if (source === null) aside.push({ insert: { cell_type: "code", source: setAside(cell) }, after: cell.id });
      else if (source !== own.source) found.push({ id: cell.id, source });
    }
    after = cell.id;
  }
  return [...found, ...aside]; // last, so that nothing comes between a cell and its other version
}
