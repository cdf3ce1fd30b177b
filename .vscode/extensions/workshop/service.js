// The one connection to the resident process of a checkout (docs/interface.md), which is started when nobody answers.

const fs = require("fs");
const net = require("net");
const path = require("path");
const { spawn } = require("child_process");
const vscode = require("vscode");
const { t } = require("./words");

const RESTARTING = -32001; // the code of the error of a process that's about to end
const PATIENCE = 20000; // milliseconds for a process to start

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The connection broke, or the process is about to end: asking again does no harm. */
class Gone extends Error {}

/** Asks the process of a course, over one connection. */
class Service {
  /** @param {string} root the course's folder */
  constructor(root) {
    this.root = root;
    this.number = 0;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {Promise<net.Socket> | undefined} */
    this.link = undefined;
    /** @type {net.Socket | undefined} */
    this.socket = undefined;
  }

  /**
   * The result of a method.
   * @param {string} method @param {object} params @returns {Promise<any>}
   */
  async ask(method, params = {}) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const link = await (this.link ??= this.open());
        return await new Promise((resolve, reject) => {
          const id = (this.number += 1);
          this.waiting.set(id, { resolve, reject });
          link.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
        });
      } catch (error) {
        if (!(error instanceof Gone) || attempt === 3) throw error;
        this.close();
        await wait(50 * attempt);
      }
    }
  }

  /** A connection; the process is started if there's none, with the first interpreter that can. */
  async open() {
    let link = await this.connect();
    const reasons = [];
    for (const python of link ? [] : await pythons(this.root)) {
      const child = this.start(python, (reason) => reasons.push(`${python}: ${reason}`));
      for (const end = Date.now() + PATIENCE; !link && Date.now() < end; await wait(30)) {
        const ended = child.exitCode !== null || !child.pid;
        link = await this.connect();
        if (ended) break;
      }
      if (link) break;
    }
    if (link) return link;
    this.link = undefined;
    throw new Error(t("The judge doesn't start. In a terminal, run: make setup ({0})", reasons.join("; ")));
  }

  /**
   * Start the process, so that it outlives this one.
   * @param {string} python @param {(reason: string) => void} tell called if it ends
   */
  start(python, tell) {
    fs.mkdirSync(path.join(this.root, ".workshop"), { recursive: true });
    const log = fs.openSync(path.join(this.root, ".workshop", "judge.log"), "w");
    const env = { ...process.env, PYTHONPATH: [this.root, process.env.PYTHONPATH].filter(Boolean).join(path.delimiter) };
    const words = ["-m", "kit.learner.service", this.root];
    const child = spawn(python, words, { cwd: this.root, env, detached: true, stdio: ["ignore", log, log] });
    fs.closeSync(log);
    child.on("error", (error) => tell(error.message));
    child.on("exit", (code) => tell(t("ended with {0}; see .workshop/judge.log", String(code))));
    child.unref();
    return child;
  }

  /** @returns {Promise<net.Socket | undefined>} */
  connect() {
    return new Promise((resolve) => {
      let address = "";
      try {
        address = JSON.parse(fs.readFileSync(path.join(this.root, ".workshop", "judge.json"), "utf8")).socket;
        if (fs.statSync(address).uid !== process.getuid?.()) return resolve(undefined);
      } catch {
        return resolve(undefined);
      }
      const link = net.connect(address).setEncoding("utf8");
      let unread = "";
      link.on("connect", () => resolve((this.socket = link)));
      link.on("data", (data) => {
        const lines = (unread + data).split("\n");
        unread = lines.pop() ?? "";
        lines.forEach((line) => this.receive(JSON.parse(line)));
      });
      link.on("error", () => resolve(undefined));
      link.on("close", () => this.socket === link && this.close());
    });
  }

  /** @param {{id: number, result?: any, error?: {code: number, message: string, data?: string[]}}} response */
  receive({ id, result, error }) {
    const asked = this.waiting.get(id);
    this.waiting.delete(id);
    if (!error) return asked?.resolve(result);
    const [what, where, next] = error.data ?? [error.message]; // what happened, where, what to do next
    const message = [where ? `${where}: ${what}` : what, next].filter(Boolean).join(". ");
    return asked?.reject(error.code === RESTARTING ? new Gone(message) : new Error(message));
  }

  /** Close the connection. The process stays. */
  close() {
    const { socket, waiting } = this;
    this.link = this.socket = undefined;
    this.waiting = new Map();
    socket?.destroy();
    waiting.forEach(({ reject }) => reject(new Gone(t("the judge has gone"))));
  }
}

/**
 * The interpreters to try, the best first: the environment's, the system's, the one chosen in the Python extension.
 * @param {string} root @returns {Promise<string[]>}
 */
async function pythons(root) {
  const own = path.resolve(root, process.env.WORKSHOP_VENV || ".venv", "bin", "python");
  if (fs.existsSync(own)) return [own, "python3"];
  const extension = vscode.extensions.getExtension("ms-python.python");
  const chosen = (await extension?.activate())?.environments?.getActiveEnvironmentPath(vscode.Uri.file(root))?.path;
  return chosen ? ["python3", chosen] : ["python3"];
}

module.exports = { Service };
