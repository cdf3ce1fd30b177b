// The commands that run as tasks in the terminal, since they may ask for a password, or have much to say.

const path = require("path");
const vscode = require("vscode");
const { t } = require("./words");

/** Runs the course's scripts. */
class Tasks {
  /** @param {import("./course").Course} course */
  constructor(course) {
    this.course = course;
  }

  /**
   * Run a script in the terminal, with everything in the editor saved. It's done when the script is.
   * @param {string} command `python scripts/NAME.py ...`, as a message or a document has it
   */
  async run(command) {
    await vscode.workspace.saveAll(false);
    const words = ["scripts/python.sh", ...command.split(" ").slice(1)];
    const execution = new vscode.ProcessExecution("sh", words, { cwd: this.course.root });
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(this.course.root)) ?? vscode.TaskScope.Workspace;
    const task = new vscode.Task({ type: "process" }, folder, path.basename(words[1], ".py"), "workshop", execution, []);
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
