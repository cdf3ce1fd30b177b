// Check, hint and reset beside each exercise, with its verdict: lenses in a `.py`, status bar items in a notebook's
// cells, and the marked line in both.

const vscode = require("vscode");
const { pairOf, openDocuments, openNotebook, savePair, itemsIn, exercisesIn } = require("./chapters");
const { t } = require("./words");

const SIGNS = { passed: "$(pass)", failed: "$(error)", blank: "$(circle-large-outline)", error: "$(warning)" };

/** An outcome in the editor's language. @param {string} outcome */
function word(outcome) {
  const words = { passed: t("passed"), failed: t("failed"), blank: t("blank"), error: t("error") };
  return words[outcome] ?? outcome;
}

/** Everything that's drawn beside the exercises of the open chapters. */
class Exercises {
  /** @param {import("./course").Course} course @param {import("./panel").Panel} panel */
  constructor(course, panel) {
    this.course = course;
    this.panel = panel;
    /** @type {Map<string, string>} what was judged, by exercise: a verdict goes when its cell changes */
    this.texts = new Map();
    this.marks = vscode.languages.createDiagnosticCollection("workshop-exercises");
    this.redraw = new vscode.EventEmitter();
    course.changed.event(() => this.redraw.fire(undefined));
    course.judged.event((pair) => {
      for (const { id, text } of openDocuments(pair).flatMap(exercisesIn)) this.texts.set(id, text);
      this.mark(pair);
    });
  }

  /** What to push to the extension's subscriptions. */
  register() {
    const scripts = { language: "python", scheme: "file", pattern: "**/workshop/*/ch*.py" };
    const lenses = { onDidChangeCodeLenses: this.redraw.event, provideCodeLenses: (document) => this.lenses(document) };
    const bars = {
      onDidChangeCellStatusBarItems: this.redraw.event,
      provideCellStatusBarItems: (cell) => this.bar(cell.document),
    };
    return [
      this.marks,
      vscode.languages.registerCodeLensProvider(scripts, lenses),
      vscode.notebooks.registerNotebookCellStatusBarItemProvider("jupyter-notebook", bars),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.forget(document)),
      vscode.workspace.onDidOpenTextDocument((document) => this.mark(pairOf(document.uri))),
    ];
  }

  /**
   * The buttons of an exercise, and its verdict where there's one.
   * @param {string} id @param {import("./chapters").Pair} pair
   */
  buttons(id, pair) {
    const verdict = this.course.verdicts.get(id);
    const outcome = verdict?.outcome ?? this.course.find(id)?.exercise.outcome;
    const make = (command, title, tooltip) => ({ title, tooltip, command: `workshop.${command}`, arguments: [id, pair.script] });
    return [
      make("check", `$(play) ${t("Check")}`, t("Check {0}", id)),
      make("hint", `$(lightbulb) ${t("Hint")}`, t("Hint for {0}", id)),
      make("reset", `$(discard) ${t("Reset")}`, t("Reset {0}; a backup is kept", id)),
      ...(outcome ? [make("show", `${SIGNS[outcome]} ${id} ${word(outcome)}`, `${id} ${word(outcome)}`)] : []),
    ];
  }

  /** @param {vscode.TextDocument} document */
  lenses(document) {
    const pair = pairOf(document.uri);
    if (!pair) return [];
    const at = (line, command) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);
    return [
      ...exercisesIn(document).flatMap(({ id, head }) => this.buttons(id, pair).map((command) => at(head, command))),
      ...itemsIn(document).map(({ id, line, ticked, title }) => at(line, {
        title: ticked ? `☑ ${t("ticked")}` : `☐ ${t("not ticked")}`,
        tooltip: `${id} ${title}, ${ticked ? t("ticked") : t("not ticked")}`,
        command: "workshop.tick",
        arguments: [id, pair.script, !ticked],
      })),
    ];
  }

  /** @param {vscode.TextDocument} document the cell of a notebook */
  bar(document) {
    const pair = pairOf(document.uri);
    if (!pair || document.languageId === "markdown") return [];
    return exercisesIn(document).flatMap(({ id }) => this.buttons(id, pair).map((command) => {
      const item = new vscode.NotebookCellStatusBarItem(command.title, vscode.NotebookCellStatusBarAlignment.Left);
      const { tooltip } = command;
      return Object.assign(item, { command, tooltip, accessibilityInformation: { label: tooltip, role: "button" } });
    }));
  }

  /**
   * Mark the lines that verdicts are about in the open documents of a pair.
   * @param {import("./chapters").Pair | undefined} pair
   */
  mark(pair) {
    for (const document of pair ? openDocuments(pair) : []) {
      const found = exercisesIn(document).flatMap(({ id, line, end, text }) => {
        const verdict = this.course.verdicts.get(id);
        if (!verdict || this.texts.get(id) !== text || !["failed", "error"].includes(verdict.outcome)) return [];
        const { range } = document.lineAt(Math.min(line + Math.max(verdict.cell_line, 1) - 1, end));
        const start = range.start.translate(0, document.lineAt(range.start.line).firstNonWhitespaceCharacterIndex);
        const mark = new vscode.Diagnostic(new vscode.Range(start, range.end), verdict.message, vscode.DiagnosticSeverity.Error);
        return [Object.assign(mark, { source: t("workshop"), code: id })];
      });
      if (found.length || this.marks.has(document.uri)) this.marks.set(document.uri, found);
    }
    this.redraw.fire(undefined);
  }

  /** A verdict is about the cell as it was: drop those whose cell has changed. @param {vscode.TextDocument} document */
  forget(document) {
    const pair = pairOf(document.uri);
    const changed = pair ? exercisesIn(document).filter(({ id, text }) => this.texts.get(id) !== text) : [];
    const known = changed.filter(({ id }) => this.course.verdicts.delete(id));
    if (known.length) this.mark(pair);
  }

  /** @param {string} id @param {import("./chapters").Pair} pair */
  async check(id, pair) {
    this.panel.say(id, t("Checking …"));
    try {
      const [verdict] = await this.course.check(pair, [id]);
      this.panel.verdict(verdict, pair, this.course.find(id)?.exercise.ticked);
    } catch (error) {
      this.panel.say(id, error.message);
      throw error;
    }
  }

  /** @param {string} id @param {import("./chapters").Pair} pair */
  async hint(id, pair) {
    this.panel.hint(id, await this.course.service.ask("hint", { exercise: id, lang: pair.language }), pair);
  }

  /** @param {string} id @param {import("./chapters").Pair} pair */
  async reset(id, pair) {
    await savePair(pair);
    const done = await this.course.service.ask("reset", { exercise: id, lang: pair.language });
    this.course.verdicts.delete(id);
    this.panel.reset(id, done);
    this.course.judged.fire(pair);
    this.course.refreshSoon(pair.chapter);
  }

  /** The exercise at the cursor or in the selected cell, or the first one below it. */
  here() {
    const { activeTextEditor: text, activeNotebookEditor: notebook } = vscode.window;
    const cells = notebook?.notebook.getCells(new vscode.NotebookRange(notebook.selection.start, notebook.notebook.cellCount));
    const line = text?.selection.active.line ?? 0;
    const documents = cells ? cells.map((cell) => cell.document) : text ? [text.document] : [];
    for (const document of documents) {
      const pair = pairOf(document.uri);
      const found = pair && exercisesIn(document).find(({ end }) => cells || end >= line);
      if (pair && found) return { id: found.id, pair };
    }
    throw new Error(t("Put the cursor into an exercise of a chapter first."));
  }

  /**
   * Show an exercise, or a chapter's beginning.
   * @param {import("./course").Chapter} chapter @param {string} [id]
   */
  async open(chapter, id) {
    const pair = this.course.pair(chapter);
    if (vscode.workspace.getConfiguration("workshop", pair.script).get("openIn") === "script") {
      const editor = await vscode.window.showTextDocument(pair.script);
      const place = [...exercisesIn(editor.document), ...itemsIn(editor.document)].find((each) => each.id === id);
      const start = new vscode.Position(place?.line ?? 0, 0);
      editor.selection = new vscode.Selection(start, start);
      return editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenter);
    }
    const notebook = openNotebook(pair) ?? (await vscode.workspace.openNotebookDocument(pair.notebook));
    const cells = notebook.getCells();
    const find = (list) => cells.findIndex(({ document }) => list(document).some((each) => each.id === id));
    const index = Math.max(0, [find(exercisesIn), find(itemsIn)].find((each) => each >= 0) ?? 0);
    const range = new vscode.NotebookRange(index, index + 1);
    const editor = await vscode.window.showNotebookDocument(notebook, { selections: [range] });
    editor.revealRange(range, vscode.NotebookEditorRevealType.InCenter);
  }
}

module.exports = { Exercises, word };
