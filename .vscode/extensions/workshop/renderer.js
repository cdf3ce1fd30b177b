// Draws the items of a rendered markdown cell as boxes, and says when one is clicked. It runs beside the notebook.

const ITEM = /^\[([ xX])\][ \t]*(\d\d\.(?:\d\d|[a-z]\d+))(?!\w)/;

const STYLE = `
  li:has(> label.workshop) { list-style: none; margin-left: -1.4em; }
  :host-context(.vscode-dark) label.workshop input { color-scheme: dark; }
  label.workshop { cursor: pointer; }
  label.workshop input { vertical-align: -0.15em; margin: 0 0.45em 0 0; accent-color: var(--vscode-button-background); }
  label.workshop input:focus-visible { outline: 2px solid var(--vscode-focusBorder); outline-offset: 2px; }`;

export async function activate(context) {
  const markdown = await context.getRenderer("vscode.markdown-it-renderer");
  if (!markdown || !context.postMessage || context.workspace?.isTrusted === false) return;
  const template = document.createElement("template");
  template.classList.add("markdown-style"); // the markdown renderer puts these into each cell
  template.content.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  document.head.append(template);

  /** @type {Map<string, boolean>} clicked, and not yet in the text: a cell may be drawn anew in between */
  const clicked = new Map();
  context.onDidReceiveMessage?.(({ language }) => {
    document.documentElement.lang = language; // which letters Chinese and Japanese share, and aren't alike
  });
  context.postMessage({ type: "language" });

  markdown.extendMarkdownIt((md) => md.core.ruler.push("workshop", ({ tokens, Token }) => {
    tokens.forEach((token, place) => {
      const found = token.type === "inline" && tokens[place - 2]?.type === "list_item_open" && ITEM.exec(token.content);
      if (!found) return;
      const html = (content) => Object.assign(new Token("html_inline", "", 0), { content });
      const [, mark, id] = found;
      if (clicked.get(id) === (mark !== " ")) clicked.delete(id);
      const ticked = clicked.get(id) ?? mark !== " ";
      const box = `<input type="checkbox" data-item="${id}"${ticked ? " checked" : ""}>`; // its name is the label's text
      const rest = token.children.filter((child) => !/type="checkbox"/.test(child.content)); // another extension's box
      const text = rest.find((child) => child.type === "text" && child.content.trim());
      if (text) text.content = text.content.trimStart().replace(/^\[[ xX]\][ \t]*/, "");
      token.children = [html(`<label class="workshop">${box}`), ...rest, html("</label>")];
    });
  }));

  const boxOf = (event) => {
    const target = event.composedPath()[0];
    return target instanceof HTMLInputElement && target.dataset.item ? target : undefined;
  };
  window.addEventListener("click", (event) => { // a `change` doesn't leave the cell, and Space is a click as well
    const box = boxOf(event);
    if (!box) return;
    event.stopPropagation(); // the notebook would select the cell, and take the focus
    clicked.set(box.dataset.item, box.checked);
    context.postMessage({ type: "tick", id: box.dataset.item, ticked: box.checked });
    const root = box.getRootNode();
    const focused = root.activeElement === box;
    const observer = new MutationObserver(() => { // the cell is drawn anew: keep the keyboard's place
      const lost = !root.activeElement && document.activeElement?.contains(root.host);
      if (focused && lost) root.querySelector(`input[data-item="${box.dataset.item}"]`)?.focus();
    });
    observer.observe(root, { childList: true, subtree: true });
    setTimeout(() => [observer.disconnect(), clicked.delete(box.dataset.item)], 3000);
  }, true);
  for (const name of ["keydown", "dblclick"]) {
    window.addEventListener(name, (event) => {
      if (boxOf(event) && (name === "dblclick" || event.key === " ")) event.stopPropagation(); // not the notebook's
    }, true);
  }
}
