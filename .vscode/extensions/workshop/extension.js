// The workshop's extension: what each part is for is in docs/vscode.md.

const path = require("path");
const vscode = require("vscode");
const { Boxes } = require("./boxes");
const { pairOf } = require("./chapters");
const { Course } = require("./course");
const { Exercises } = require("./exercises");
const { Panel } = require("./panel");
const { Service } = require("./service");
const { Tasks } = require("./tasks");
const { Tests } = require("./tests");
const { Tree } = require("./tree");
const { language, t, named } = require("./words");


/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  const [found] = await vscode.workspace.findFiles("chapters.toml", null, 1);
  if (!found) return;
  const service = new Service(path.dirname(found.fsPath));
  const course = new Course(service);
  const panel = new Panel(course);
  const boxes = new Boxes(course);
  const exercises = new Exercises(course, panel);
  const tree = new Tree(course, boxes);
  const tests = new Tests(course);
  const tasks = new Tasks(course, panel);
  const next = vscode.window.createStatusBarItem("workshop.next", vscode.StatusBarAlignment.Left, 10);
  next.command = "workshop.next";
  next.text = `$(checklist) ${named("displayName")}`;
  next.show();
  course.changed.event(() => {
    const row = course.find(course.status?.next ?? "")?.exercise;
    next.name = t("Next exercise");
    next.text = row ? `$(checklist) ${t("Next: {0}", row.id)}` : `$(checklist) ${t("All done")}`;
    next.tooltip = row ? `${row.id} ${row.title}` : "";
  });

  /** Run something for a person, and tell them what went wrong. @param {() => any} action */
  const guarded = async (action) => {
    try {
      return await action();
    } catch (error) {
      vscode.window.showErrorMessage(error.message.replace(/\s*\n\s*/g, " "));
    }
  };
  const register = (name, action) =>
    vscode.commands.registerCommand(`workshop.${name}`, (...given) => guarded(() => action(...given)));
  /** For an exercise that's named, or else the one at the cursor. @param {(id: string, pair: any) => any} action */
  const onExercise = (action) => (id, uri) => {
    const place = typeof id === "string" ? { id, pair: uri && pairOf(uri) } : exercises.here();
    return place.pair && action(place.id, place.pair);
  };
  const open = (chapterId, id) => {
    const chapter = course.status?.chapters.find((each) => each.id === chapterId);
    return chapter && exercises.open(chapter, id);
  };

  const messaging = vscode.notebooks.createRendererMessaging("workshop.boxes");
  course.spoken.event(() => messaging.postMessage({ language: language() }));
  context.subscriptions.push(
    ...exercises.register(),
    { dispose: () => service.close() },
    tree.view,
    tests.controller,
    next,
    vscode.window.registerWebviewViewProvider("workshop.panel", panel, { webviewOptions: { retainContextWhenHidden: true } }),
    register("check", onExercise((id, pair) => exercises.check(id, pair))),
    register("hint", onExercise((id, pair) => exercises.hint(id, pair))),
    register("reset", onExercise((id, pair) => exercises.reset(id, pair))),
    register("show", onExercise((id, pair) => {
      const verdict = course.verdicts.get(id);
      return verdict ? panel.verdict(verdict, pair, course.find(id)?.exercise.ticked) : exercises.check(id, pair);
    })),
    register("checkChapter", async (node) => {
      const chapter = node?.chapter ?? course.status?.chapters.find(({ id }) => id === exercises.here().pair.chapter);
      const item = chapter && tests.controller.items.get(chapter.id);
      if (item) await tests.run(new vscode.TestRunRequest([item]), new vscode.CancellationTokenSource().token);
    }),
    register("tick", (id, uri, ticked) => {
      const pair = uri && pairOf(uri);
      return pair ? boxes.tick(pair, id, ticked) : boxes.choose();
    }),
    register("next", (after) => {
      const rows = course.exercises();
      const place = rows.findIndex(({ exercise }) => exercise.id === after);
      const blank = place < 0 ? undefined : rows.slice(place + 1).find(({ exercise }) => !exercise.filled);
      const found = blank ?? course.find(course.status?.next ?? "");
      return found && exercises.open(found.chapter, found.exercise.id);
    }),
    register("open", open),
    register("save", () => tasks.run("python scripts/save.py")),
    register("push", () => tasks.run("python scripts/save.py --push")),
    register("update", () => tasks.run("python scripts/update.py")),
    register("undo", (command) => tasks.run(command)),
    register("terminal", (command) => tasks.terminal(command)),
    register("language", () => tasks.language()),
    register("start", () => vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false)),
    messaging.onDidReceiveMessage(({ editor, message }) => guarded(async () => {
      const pair = pairOf(editor.notebook.uri);
      if (message.type === "language") await messaging.postMessage({ language: language() }, editor);
      else if (pair) await boxes.tick(pair, message.id, message.ticked);
    })),
  );

  const here = () => {
    const uri = vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri;
    vscode.commands.executeCommand("setContext", "workshop.here", Boolean(uri && pairOf(uri)));
  };
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(course.root, "workshop/*/ch*"));
  context.subscriptions.push(
    watcher,
    watcher.onDidChange((uri) => course.refreshSoon(pairOf(uri)?.chapter ?? "")),
    vscode.window.onDidChangeActiveTextEditor(here),
    vscode.window.onDidChangeActiveNotebookEditor(here),
  );
  here();
  await guarded(() => course.refresh());
}

module.exports = { activate };
