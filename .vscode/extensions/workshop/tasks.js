// The course's commands: what they say is shown in the panel. The terminal is for one that has to ask for a password.

const path = require("path");
const { execFile } = require("child_process");
const vscode = require("vscode");
const { t } = require("./words");

/** The words for `sh`. @param {string} command `python scripts/NAME.py ...`, as a message or a document has it */
const wordsOf = (command) => ["scripts/python.sh", ...command.split(" ").slice(1)];

/** Runs the course's scripts. */
class Tasks {
  /** @param {import("./course").Course} course @param {import("./panel").Panel} panel */
  constructor(course, panel) {
    this.course = course;
    this.panel = panel;
  }

  /**
   * Run a script, with everything in the editor saved, and show what it says. It's done when the script is.
   * @param {string} command
   */
  async run(command) {
    await vscode.workspace.saveAll(false);
    const title = path.basename(wordsOf(command)[1]);
    this.panel.output(title, "…");
    const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", PYTHONIOENCODING: "utf-8", COLUMNS: "1000" };
    const options = { cwd: this.course.root, env, maxBuffer: 2 ** 26 };
    await new Promise((done) => execFile("sh", wordsOf(command), options, (error, output, errors) => {
      const again = { title: t("Run it in the terminal"), command: "workshop.terminal", arguments: [command] };
      done(this.panel.output(title, `${output}${errors}`, error ? [again] : []));
    }).stdin?.end());
    await this.course.refresh();
  }

  /** Run a script in the terminal, where it can ask. @param {string} command */
  async terminal(command) {
    const execution = new vscode.ProcessExecution("sh", wordsOf(command), { cwd: this.course.root });
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(this.course.root)) ?? vscode.TaskScope.Workspace;
    const name = path.basename(wordsOf(command)[1], ".py");
    const task = new vscode.Task({ type: "process" }, folder, name, "workshop", execution, []);
    task.presentationOptions = { panel: vscode.TaskPanelKind.Dedicated, clear: true, showReuseMessage: false };
    const running = await vscode.tasks.executeTask(task);
    await new Promise((done) => {
      const ended = vscode.tasks.onDidEndTask((event) => event.execution === running && done(ended.dispose()));
    });
    await this.course.refresh();
  }

  /** Choose a language, and take everything that's been done there. */
  async language() {
    const { language, languages = [] } = this.course.status ?? {};
    const name = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code; // as its speakers call it
    const picks = languages.map((each) => ({ label: name(each), description: each === language ? "✓" : "", each }));
    const chosen = await vscode.window.showQuickPick(picks, { title: t("Language of the chapters") });
    if (chosen && chosen.each !== language) await this.run(`python scripts/language.py ${chosen.each}`);
  }
}

module.exports = { Tasks };
