// The commands that run as tasks in the terminal, since they may ask for a password, or have much to say.

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");

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

  /** Choose a language; where the course has a script that takes answers along, run it. */
  async language() {
    const { language, languages = [] } = this.course.status ?? {};
    const names = new Intl.DisplayNames([vscode.env.language], { type: "language" });
    const picks = languages.map((each) => ({ label: names.of(each) ?? each, description: each === language ? "✓" : "", each }));
    const chosen = await vscode.window.showQuickPick(picks, { title: vscode.l10n.t("Language of the chapters") });
    if (!chosen || chosen.each === language) return;
    const script = "scripts/language.py";
    if (fs.existsSync(path.join(this.course.root, script))) await this.run(`python ${script} ${chosen.each}`);
    await this.course.choose(chosen.each);
  }
}

module.exports = { Tasks };
