// A chapter's files as an editor has them: the pair, its open documents, and where its items and exercises are in them.

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");
const { t } = require("./words");

const FILE = /workshop\/(?<language>[a-z]{2,3}(?:-\w+)?)\/(?<stem>ch(?<chapter>\d\d)_\w+)\.(?:py|ipynb)$/;
const MARKER = /^#\s?%%(?!%)(?<rest>.*)$/;
const ITEM = /^(?<head>#?[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)(?<mark>[^\]\n]{1,5})\][ \t]*(?<id>\d\d\.(?:\d\d|[a-z]\d+))(?!\w)(?<title>.*)$/;
const CHECK = /^check\(\s*(["'])(?<id>\d\d\.\d\d)\1\s*\)/;

/**
 * @typedef {{language: string, chapter: string, script: vscode.Uri, notebook: vscode.Uri}} Pair
 * @typedef {{id: string, title: string, ticked: boolean, line: number, mark: vscode.Range}} Item
 * @typedef {{id: string, line: number, end: number, head: number, text: string}} Exercise
 *     `line` to `end` is the cell, lines from 0; `head` is the line that a lens goes above
 */

/**
 * The pair that a file, or a notebook's cell, belongs to.
 * @param {vscode.Uri} uri @returns {Pair | undefined}
 */
function pairOf(uri) {
  const found = FILE.exec(uri.path)?.groups;
  if (!found || !["file", "vscode-notebook-cell"].includes(uri.scheme)) return undefined;
  const folder = path.posix.dirname(uri.path);
  const file = (ending) => vscode.Uri.file(`${folder}/${found.stem}${ending}`); // a cell's has a server's name in it
  return { language: found.language, chapter: found.chapter, script: file(".py"), notebook: file(".ipynb") };
}

const same = (one, two) => one.toString() === two.toString();

/** @param {Pair} pair */
const openNotebook = (pair) => vscode.workspace.notebookDocuments.find(({ uri }) => same(uri, pair.notebook));

/** @param {Pair} pair */
const openScript = (pair) => vscode.workspace.textDocuments.find(({ uri }) => same(uri, pair.script));

/**
 * The open documents of a pair: the `.py`, and the notebook's cells.
 * @param {Pair} pair @returns {vscode.TextDocument[]}
 */
function openDocuments(pair) {
  const script = openScript(pair);
  const cells = openNotebook(pair)?.getCells() ?? [];
  return [...(script ? [script] : []), ...cells.map((cell) => cell.document)];
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Write what is unsaved of a pair to disk. The editor may be saving it already.
 * @param {Pair} pair
 */
async function savePair(pair) {
  for (const document of [openNotebook(pair), openScript(pair)]) {
    for (let left = 20; document?.isDirty && !(await document.save()); left -= 1) {
      if (!left) throw new Error(t("{0} couldn't be saved", path.posix.basename(document.uri.path)));
      await wait(50);
    }
  }
}

/** Whether an open file that has no unsaved edit says what's on disk. @param {Pair} pair */
function isFresh(pair) {
  const [script, notebook] = [openScript(pair), openNotebook(pair)];
  const onDisk = (uri) => fs.readFileSync(uri.fsPath, "utf8");
  const source = (cell) => [cell.source].flat().join("");
  try {
    if (script && !script.isDirty && script.getText() !== onDisk(pair.script)) return false;
    if (!notebook || notebook.isDirty) return true;
    const cells = JSON.parse(onDisk(pair.notebook)).cells.map(source);
    const shown = notebook.getCells().map(({ document }) => document.getText());
    return shown.length === cells.length && shown.every((text, place) => text === cells[place]);
  } catch {
    return false; // it's being written
  }
}

/**
 * Wait until the editor has read what another program wrote: an edit of the older text would take that away again.
 * @param {Pair} pair
 */
async function reloaded(pair) {
  for (const end = Date.now() + 2000; !isFresh(pair) && Date.now() < end; ) await wait(20);
}

/**
 * The cells of a document: the whole one of a notebook, or those between the markers of a `.py`.
 * @param {vscode.TextDocument} document @returns {{markdown: boolean, head: number, line: number, lines: string[]}[]}
 */
function cellsOf(document) {
  const lines = document.getText().split(/\r?\n/);
  if (document.uri.scheme === "vscode-notebook-cell") {
    const line = Math.max(0, lines.findIndex((text) => text.trim())); // as in a `.py`, the cell begins below empty lines
    return [{ markdown: document.languageId === "markdown", head: 0, line, lines: lines.slice(line) }];
  }
  const found = [{ markdown: false, head: 0, line: 0, lines: /** @type {string[]} */ ([]) }];
  lines.forEach((text, line) => {
    const marker = MARKER.exec(text)?.groups;
    const cell = found[found.length - 1];
    if (marker) found.push({ markdown: /\[(markdown|md)\]/.test(marker.rest), head: line, line: line + 1, lines: [] });
    else if (!text.trim() && !cell.lines.length) cell.line = line + 1;
    else cell.lines.push(text);
  });
  return found;
}

/** @param {vscode.TextDocument} document @returns {Item[]} */
function itemsIn(document) {
  return cellsOf(document).filter((cell) => cell.markdown).flatMap((cell) => cell.lines.flatMap((text, number) => {
    const found = ITEM.exec(text)?.groups;
    if (!found) return [];
    const line = cell.line + number;
    const mark = new vscode.Range(line, found.head.length, line, found.head.length + found.mark.length);
    return [{ id: found.id, title: found.title.trim(), ticked: /^[xX]$/.test(found.mark), line, mark }];
  }));
}

/** @param {vscode.TextDocument} document @returns {Exercise[]} */
function exercisesIn(document) {
  return cellsOf(document).filter((cell) => !cell.markdown).flatMap(({ head, line, lines }) => {
    const end = line + lines.length - 1;
    const text = lines.join("\n").trimEnd();
    return lines.flatMap((each) => CHECK.exec(each)?.groups?.id ?? []).map((id) => ({ id, line, end, head, text }));
  });
}

module.exports = { pairOf, openNotebook, openScript, openDocuments, savePair, reloaded, itemsIn, exercisesIn };
