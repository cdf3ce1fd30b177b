// Ticks: a box is clicked, one character changes in the open documents, and both files of the pair say so.

const vscode = require("vscode");
const { pairOf, openDocuments, savePair, reloaded, itemsIn } = require("./chapters");
const { t } = require("./words");

/** Ticks items, one batch after another. What is clicked meanwhile goes into the next batch. */
class Boxes {
  /** @param {import("./course").Course} course */
  constructor(course) {
    this.course = course;
    /** @type {Map<string, {pair: import("./chapters").Pair, ticks: Map<string, boolean>}>} */
    this.wanted = new Map();
    /** @type {Promise<void> | undefined} */
    this.writing = undefined;
  }

  /**
   * Tick an item, or take its tick away.
   * @param {import("./chapters").Pair} pair @param {string} id @param {boolean} ticked
   */
  tick(pair, id, ticked) {
    const key = pair.script.toString();
    if (!this.wanted.has(key)) this.wanted.set(key, { pair, ticks: new Map() });
    this.wanted.get(key)?.ticks.set(id, ticked);
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    return this.writing;
  }

  async write() {
    for (let next; (next = [...this.wanted.entries()][0]); ) {
      const [key, { pair, ticks }] = next;
      this.wanted.delete(key);
      await this.change(pair, ticks);
      await savePair(pair);
      await this.course.sync(pair);
    }
  }

  /**
   * Put the marks into every open document of a pair; if there's none, into the `.py`.
   * @param {import("./chapters").Pair} pair @param {Map<string, boolean>} ticks
   */
  async change(pair, ticks) {
    await reloaded(pair);
    let documents = openDocuments(pair);
    if (!documents.length) documents = [await vscode.workspace.openTextDocument(pair.script)];
    const edit = new vscode.WorkspaceEdit();
    for (const document of documents) {
      for (const item of itemsIn(document)) {
        const ticked = ticks.get(item.id);
        if (ticked !== undefined && ticked !== item.ticked) edit.replace(document.uri, item.mark, ticked ? "x" : " ");
      }
    }
    if (edit.size && !(await vscode.workspace.applyEdit(edit))) throw new Error(t("the tick couldn't be written"));
  }

  /** The way of the keyboard: tick the item at the cursor, or ask which ones of the cell or the file are ticked. */
  async choose() {
    const { activeTextEditor: text, activeNotebookEditor: notebook } = vscode.window;
    const cell = notebook?.notebook.cellAt(notebook.selection.start).document;
    const document = cell ?? text?.document;
    const pair = document && pairOf(document.uri);
    if (!document || !pair) return;
    const items = itemsIn(document);
    const here = cell ? items : items.filter(({ line }) => line === text?.selection.active.line);
    if (here.length === 1) return this.tick(pair, here[0].id, !here[0].ticked);
    const picks = items.map((item) => ({ label: `${item.id} ${item.title}`, picked: item.ticked, item }));
    const title = t("Which of these have you done?");
    const chosen = picks.length ? await vscode.window.showQuickPick(picks, { canPickMany: true, title }) : undefined;
    const changed = chosen ? picks.filter((pick) => chosen.includes(pick) !== pick.picked) : [];
    await Promise.all(changed.map(({ item }) => this.tick(pair, item.id, !item.ticked)));
  }
}

module.exports = { Boxes };
