// Verdicts and hints, as a page beside the code. It loads nothing; its one script shows what it's sent and passes on clicks.

const crypto = require("crypto");
const vscode = require("vscode");
const { word } = require("./exercises");
const { language, t, named } = require("./words");

const STYLE = `
  body { padding: 0 14px 14px; line-height: 1.5; line-break: strict; word-break: auto-phrase; }
  h2 { font-size: 1.05em; margin: 12px 0 6px; }
  .passed { color: var(--vscode-testing-iconPassed); } .failed { color: var(--vscode-testing-iconFailed); }
  .error { color: var(--vscode-testing-iconErrored); }
  pre, code { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  pre.said { white-space: pre-wrap; font: inherit; }
  pre { background: var(--vscode-textCodeBlock-background); padding: 8px 10px; overflow-x: auto; border-radius: 3px; }
  code { background: var(--vscode-textCodeBlock-background); padding: 0 3px; border-radius: 3px; }
  button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); font: inherit;
    border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 3px 11px; margin: 4px 6px 0 0; cursor: pointer; }
  button.second { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
  button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }`;
const SCRIPT = `
  const editor = acquireVsCodeApi(), main = document.querySelector("main");
  addEventListener("message", ({ data }) => { document.documentElement.lang = data.language; main.innerHTML = data.html; });
  addEventListener("click", ({ target }) => { if (target.dataset.number) editor.postMessage(Number(target.dataset.number)); });
  editor.postMessage(-1);`;

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Prose with its \`code\` and its paragraphs. @param {string} text */
const prose = (text) => escape(text).split(/\n\n+/).filter(Boolean)
  .map((part) => `<p>${part.replace(/`([^`\n]+)`/g, "<code>$1</code>").replace(/\n/g, "<br>")}</p>`).join("");

/** @param {string} text */
const code = (text) => `<pre tabindex="0">${escape(text)}</pre>`;

/** @typedef {{title: string, command: string, arguments: any[]}} Button */

/** The view. What's shown last is shown again when the view is opened. */
class Panel {
  /** @param {import("./course").Course} course */
  constructor(course) {
    /** @type {vscode.WebviewView | undefined} */
    this.view = undefined;
    this.html = "";
    /** @type {Button[]} */
    this.buttons = [];
    course.spoken.event(() => this.draw());
  }

  /** @param {vscode.WebviewView} view */
  resolveWebviewView(view) {
    this.view = view;
    const nonce = crypto.randomBytes(16).toString("hex");
    view.webview.options = { enableScripts: true, localResourceRoots: [] };
    view.webview.onDidReceiveMessage((number) => {
      const button = this.buttons[number];
      if (button) vscode.commands.executeCommand(button.command, ...button.arguments);
      else this.draw();
    });
    view.webview.html = `<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>${escape(named("panel"))}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main aria-live="polite"></main><script nonce="${nonce}">${SCRIPT}</script></body></html>`;
  }

  draw() {
    const buttons = this.buttons.map(({ title }, number) =>
      `<button data-number="${number}"${number ? ' class="second"' : ""}>${escape(title)}</button>`);
    if (!this.view) return;
    this.view.title = named("panel");
    const html = this.html || prose(t("Check an exercise, or ask for a hint: the answer appears here."));
    this.view.webview.postMessage({ language: language(), html: html + buttons.join("") });
  }

  /** @param {string} html @param {Button[]} buttons */
  show(html, buttons = []) {
    Object.assign(this, { html, buttons });
    if (this.view) this.view.show(true);
    else vscode.commands.executeCommand("workshop.panel.focus", { preserveFocus: true });
    this.draw();
  }

  /** @param {string} title @param {string} text */
  say(title, text) {
    this.show(`<h2>${escape(title)}</h2>${prose(text)}`);
  }

  /** What a command says. @param {string} title @param {string} text @param {Button[]} buttons */
  output(title, text, buttons = []) {
    this.show(`<h2>${escape(title)}</h2><pre class="said" tabindex="0">${escape(text.trim())}</pre>`, buttons);
  }

  /** @param {import("./course").Verdict} verdict @param {import("./chapters").Pair} pair @param {boolean} ticked */
  verdict(verdict, pair, ticked = false) {
    const { id, outcome, message, others } = verdict;
    const title = `<h2 class="${outcome}">${id} ${escape(word(outcome))}</h2>`;
    const more = others.length ? `<h2>${escape(t("Other ways that are right"))}</h2>${others.map(code).join("")}` : "";
    const tick = { title: t("Tick {0}", id), command: "workshop.tick", arguments: [id, pair.script, true] };
    const next = { title: t("Next exercise"), command: "workshop.next", arguments: [id] };
    const hint = { title: t("Hint"), command: "workshop.hint", arguments: [id, pair.script] };
    this.show(title + prose(message) + more, outcome !== "passed" ? [hint] : ticked ? [next] : [tick, next]);
  }

  /** @param {string} id @param {{number: number, of: number, text: string, is_code: boolean}} hint @param {import("./chapters").Pair} pair */
  hint(id, hint, pair) {
    const title = `<h2>${escape(t("{0}: hint {1} of {2}", id, hint.number, hint.of))}</h2>`;
    const again = { title: t("Another hint"), command: "workshop.hint", arguments: [id, pair.script] };
    this.show(title + (hint.is_code ? code(hint.text) : prose(hint.text)), hint.number < hint.of ? [again] : []);
  }

  /** @param {string} id @param {{files: string[], undo: string}} done */
  reset(id, { undo }) {
    const text = undo ? t("It's empty again. What you had is in a backup.") : t("It was empty already.");
    const back = { title: t("Bring it back"), command: "workshop.undo", arguments: [undo] };
    this.show(`<h2>${escape(t("{0}: reset", id))}</h2>${prose(text)}`, undo ? [back] : []);
  }
}

module.exports = { Panel };
